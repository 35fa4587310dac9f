import { useRef, useState } from "react";
import { usePreferences } from "../preferences";
import { fill } from "../words";
import { tell, type Event, type Problem, type Sample } from "./api";

const FIRST = "s3_bucket_public";

export interface Finding {
  name: string;
  isFresh: boolean;
  text: string;
  choose: (name: string, isFresh: boolean) => void;
  write: (text: string) => void;
  /** To be called once a text was sent. */
  markSent: (text: string) => void;
  /** Makes the text another new violation, if it is a new one that was sent: its events, or null where it stays. */
  renewSent: () => Promise<Event[] | null>;
}

/** The text at hand: a sample's, which may be made a new violation, or one's own. */
export function useFinding(samples: Sample[]): Finding {
  const textOf = (name: string, isFresh: boolean) => {
    const sample = samples.find((each) => each.name === name);
    return sample ? JSON.stringify(isFresh ? sample.fresh : sample.event, null, 2) : "";
  };
  const [state, setState] = useState({ name: FIRST, isFresh: true, text: textOf(FIRST, true) });
  const sent = useRef(new Set<string>());
  const renewSent = async () => {
    const sample = samples.find((each) => each.name === state.name);
    if (!sample || !state.isFresh || !sent.current.has(state.text)) return null;
    const { event } = await tell<{ event: Event }>("renew", { event: sample.event });
    const text = JSON.stringify(event, null, 2);
    setState({ ...state, text });
    return [event];
  };
  return {
    ...state,
    renewSent,
    markSent: (text) => void sent.current.add(text),
    choose: (name, isFresh) => setState({ name, isFresh, text: name ? textOf(name, isFresh) : "" }),
    write: (text) => setState((before) => ({ ...before, name: "", text })),
  };
}

export function FindingEditor({ samples, finding, problem }: { samples: Sample[]; finding: Finding; problem?: Problem }) {
  const { words } = usePreferences();
  const editor = useRef<HTMLTextAreaElement>(null);
  const choose = (name: string) => {
    finding.choose(name, finding.isFresh);
    if (!name) editor.current?.focus();
  };
  return (
    <>
      <label className="field">
        {words.sample}
        <select value={finding.name} onChange={(event) => choose(event.target.value)}>
          <option value="">{words.own}</option>
          {samples.map(({ name }) => (
            <option key={name} value={name}>
              {name.replaceAll("_", " ")}
            </option>
          ))}
        </select>
      </label>
      {finding.name && (
        <label className="tick">
          <input
            type="checkbox"
            checked={finding.isFresh}
            onChange={(event) => finding.choose(finding.name, event.target.checked)}
          />
          {words.fresh}
        </label>
      )}
      <label className="field">
        {words.paste}
        <textarea
          ref={editor}
          value={finding.text}
          spellCheck={false}
          rows={finding.name ? 5 : 9}
          aria-invalid={Boolean(problem)}
          aria-describedby="paste-hint paste-problem"
          onChange={(event) => finding.write(event.target.value)}
        />
      </label>
      <p className="hint" id="paste-hint">
        {words.pasteHint}
      </p>
      <div id="paste-problem" role="alert" className="problem-place">
        {problem && (finding.text.trim() || !finding.name) && <ProblemNote problem={problem} editor={editor} />}
      </div>
    </>
  );
}

function ProblemNote({ problem, editor }: { problem: Problem; editor: React.RefObject<HTMLTextAreaElement | null> }) {
  const { words } = usePreferences();
  const { line, column, text } = problem;
  const go = () => {
    const area = editor.current!;
    const before = area.value.split("\n").slice(0, line! - 1);
    const at = before.reduce((sum, each) => sum + each.length + 1, 0) + column! - 1;
    area.focus();
    area.setSelectionRange(at, at + 1);
    area.scrollTop = (area.scrollHeight / area.value.split("\n").length) * (line! - 3);
  };
  return (
    <div className="problem">
      <p>{text}</p>
      {line && column && (
        <button type="button" onClick={go}>
          {fill(words.goThere, { line, column })}
        </button>
      )}
    </div>
  );
}
