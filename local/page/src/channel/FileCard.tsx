import { useState } from "react";
import type { SlackFile } from "../live";
import { useWords, usePreferences } from "../preferences";
import { CsvDialog } from "./CsvDialog";

export function FileCard({ file }: { file: SlackFile }) {
  const words = useWords();
  const { locale } = usePreferences();
  const [isOpen, setIsOpen] = useState(false);
  const isTable = file.name.toLowerCase().endsWith(".csv");
  return (
    <div className="file">
      <span className="file-icon" aria-hidden="true">
        {isTable ? "▦" : "▤"}
      </span>
      <div className="file-name">
        <strong>{file.title}</strong>
        <span>
          {file.name} · {size(file.size, locale)}
        </span>
      </div>
      <div className="file-actions">
        {isTable && (
          <button type="button" onClick={() => setIsOpen(true)}>
            {words.openTable}
          </button>
        )}
        <a href={`files/${encodeURIComponent(file.id)}`} download={file.name}>
          {words.download}
        </a>
      </div>
      {isOpen && <CsvDialog file={file} onClose={() => setIsOpen(false)} />}
    </div>
  );
}

function size(bytes: number, locale: string): string {
  const isSmall = bytes < 1024;
  const options = { style: "unit", unit: isSmall ? "byte" : "kilobyte", unitDisplay: isSmall ? "long" : "short" } as const;
  return (isSmall ? bytes : bytes / 1024).toLocaleString(locale, { ...options, maximumFractionDigits: 1 });
}
