import Papa from "papaparse";
import { useEffect, useMemo, useRef, useState } from "react";
import type { SlackFile } from "../live";
import { usePreferences } from "../preferences";
import { fill } from "../words";

const ROWS_AT_A_TIME = 100; // of a file that may have tens of thousands

/** A CSV file as a table, a hundred rows at a time. */
export function CsvDialog({ file, onClose }: { file: SlackFile; onClose: () => void }) {
  const { words } = usePreferences();
  const dialog = useRef<HTMLDialogElement>(null);
  const [rows, problem] = useRows(file);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="sheet" aria-label={file.title} onClose={onClose}>
      <header>
        <h2>{file.title}</h2>
        <button type="button" className="close" aria-label={words.close} onClick={() => dialog.current?.close()}>
          ✕
        </button>
      </header>
      {problem && <p role="alert">{fill(words.fileFailed, { problem })}</p>}
      {rows && <Sheet header={rows[0] ?? []} rows={rows} title={file.title} />}
    </dialog>
  );
}

function Sheet({ header, rows, title }: { header: string[]; rows: string[][]; title: string }) {
  const { words, locale } = usePreferences();
  const [wanted, setWanted] = useState("");
  const [start, setStart] = useState(0);
  const found = useMemo(() => matching(rows.slice(1), wanted), [rows, wanted]);
  const shown = found.slice(start, start + ROWS_AT_A_TIME);
  const total = found.length.toLocaleString(locale);
  const range = { from: start + 1, to: Math.min(start + ROWS_AT_A_TIME, found.length), total };
  const search = (text: string) => {
    setWanted(text);
    setStart(0);
  };
  return (
    <>
      <div className="sheet-tools">
        <input type="search" placeholder={words.search} aria-label={words.search} onChange={(e) => search(e.target.value)} />
        <span role="status">{found.length ? fill(words.rows, range) : words.noRows}</span>
        <span className="pager">
          <button type="button" disabled={!start} onClick={() => setStart(start - ROWS_AT_A_TIME)} aria-label={words.previous}>
            ‹
          </button>
          <button
            type="button"
            disabled={range.to >= found.length}
            onClick={() => setStart(start + ROWS_AT_A_TIME)}
            aria-label={words.next}
          >
            ›
          </button>
        </span>
      </div>
      <div className="sheet-scroll" tabIndex={0} role="region" aria-label={title}>
        <table>
          <thead>
            <tr>
              {header.map((name, column) => (
                <th key={column} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={start + index}>
                {row.map((cell, column) => (
                  <td key={column}>{cell.startsWith("https://") ? <Outside url={cell} /> : cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Outside({ url }: { url: string }) {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {url}
    </a>
  );
}

function matching(rows: string[][], wanted: string): string[][] {
  const needle = wanted.trim().toLocaleLowerCase();
  return needle ? rows.filter((row) => row.some((cell) => cell.toLocaleLowerCase().includes(needle))) : rows;
}

function useRows(file: SlackFile): [string[][] | null, string | null] {
  const [rows, setRows] = useState<string[][] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    read(file, abort.signal).then(setRows, (error: unknown) => {
      if (!abort.signal.aborted) setProblem(String(error instanceof Error ? error.message : error));
    });
    return () => abort.abort();
  }, [file.id]);
  return [rows, problem];
}

async function read(file: SlackFile, signal: AbortSignal): Promise<string[][]> {
  const answer = await fetch(`files/${encodeURIComponent(file.id)}`, { signal });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return Papa.parse<string[]>(await answer.text(), { skipEmptyLines: true }).data;
}
