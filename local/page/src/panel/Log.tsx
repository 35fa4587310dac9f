import { usePreferences } from "../preferences";
import type { Fate } from "./api";

const SHOWN = 8;

/** What became of events, as the deployed function's own log tells; the newest first. */
export function Log({ fates }: { fates: Fate[] }) {
  const { words, language } = usePreferences();
  return (
    <section aria-labelledby="log-title">
      <h3 id="log-title">{words.log}</h3>
      {fates.length === 0 && <p className="hint">{words.logEmpty}</p>}
      <ol className="log">
        {fates
          .slice(-SHOWN)
          .reverse()
          .map((fate, index) => (
            <li key={`${fate.event_id}-${fates.length - index}`} data-what={fate.what} data-silent={fate.is_silent}>
              <strong>{words.words[fate.what] ?? fate.what}</strong> <span>{language === "ja" ? fate.why_ja : fate.why}</span>
              {fate.violation && <span className="log-about">{about(fate.violation)}</span>}
            </li>
          ))}
      </ol>
    </section>
  );
}

/** A violation's key is account/control/resource. */
function about(key: string): string {
  const [, control, ...resource] = key.split("/");
  return `${control} · ${resource.join("/")}`;
}
