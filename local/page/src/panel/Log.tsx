import { usePreferences } from "../preferences";
import { fill } from "../words";
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
              {fate.at && <time dateTime={fate.at}>{second(fate.at, language)}</time>}{" "}
              <strong>{words.fates[fate.what] ?? fate.what}</strong> <span>{language === "ja" ? fate.why_ja : fate.why}</span>
              {fate.next_try && (
                <span className="log-next">{fill(words.nextTry, { time: second(fate.next_try, language) })}</span>
              )}
              {fate.violation && <span className="log-about">{about(fate.violation)}</span>}
            </li>
          ))}
      </ol>
    </section>
  );
}

/** A time of day, to the second. */
function second(moment: string, language: string): string {
  return new Date(moment).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

/** A violation's key is account/control/resource. */
function about(key: string): string {
  const [, control, ...resource] = key.split("/");
  return `${control} · ${resource.join("/")}`;
}
