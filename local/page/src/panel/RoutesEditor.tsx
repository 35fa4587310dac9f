import { useRef } from "react";
import { usePreferences } from "../preferences";
import { fill } from "../words";
import type { RoutesProblem } from "./api";

interface Props {
  text: string;
  inUse: string;
  setText: (text: string) => void;
  problems: RoutesProblem[];
  use: () => Promise<void>;
  isBusy: boolean;
}

/** The routes as YAML, each line with its number, and what is wrong with them below. */
export function RoutesEditor({ text, inUse, setText, problems, use, isBusy }: Props) {
  const { words } = usePreferences();
  const editor = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const isChanged = text !== inUse;
  const wrong = new Set(problems.map(({ line }) => line));
  const goTo = (line: number) => {
    const lines = text.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    editor.current?.focus();
    editor.current?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  };
  return (
    <section aria-labelledby="routes-title">
      <h3 id="routes-title">{words.routes}</h3>
      <p className="hint" id="routes-hint">
        {words.routesHint}
      </p>
      <div className="numbered">
        <div className="line-numbers" ref={gutter} aria-hidden="true">
          {text.split("\n").map((_, index) => (
            <span key={index} data-wrong={wrong.has(index + 1) || undefined}>
              {index + 1}
            </span>
          ))}
        </div>
        <textarea
          ref={editor}
          value={text}
          rows={12}
          wrap="off"
          spellCheck={false}
          aria-label={words.routesText}
          aria-invalid={problems.length > 0}
          aria-describedby="routes-hint routes-problems"
          onChange={(event) => setText(event.target.value)}
          onScroll={(event) => (gutter.current!.scrollTop = event.currentTarget.scrollTop)}
        />
      </div>
      <div id="routes-problems" role="alert" className="problem-place">
        {problems.length > 0 && (
          <ul className="problem routes-problems">
            {problems.map(({ line, text: problem }, index) => (
              <li key={index}>
                {line !== null && (
                  <button type="button" onClick={() => goTo(line)}>
                    {fill(words.routesLine, { line })}
                  </button>
                )}
                {problem}
              </li>
            ))}
          </ul>
        )}
      </div>
      <div className="actions">
        <button type="button" className="primary" disabled={isBusy || !isChanged || problems.length > 0} onClick={use}>
          {words.routesUse}
        </button>
        {isChanged && (
          <button type="button" onClick={() => setText(inUse)}>
            {words.routesBack}
          </button>
        )}
        {!isChanged && <span className="hint">{inUse.trim() ? words.routesInUse : words.routesNone}</span>}
      </div>
    </section>
  );
}
