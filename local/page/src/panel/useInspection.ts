import { useEffect, useState } from "react";
import { usePreferences } from "../preferences";
import { fill } from "../words";
import { RequestError, tell, TOO_LARGE, type Inspection, type Settings } from "./api";

const MILLISECONDS_OF_QUIET = 200;

/**
 * What the stack would do with a text, asked anew whenever one has stopped typing, or `moment` has changed; and whether
 * it is about this text, or still about the one before.
 */
export function useInspection(text: string, settings: Settings, moment: string): [Inspection | null, boolean] {
  const { language, words } = usePreferences();
  const [inspection, setInspection] = useState<Inspection | null>(null);
  const [inspected, setInspected] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    const inspect = () =>
      tell<Inspection>("inspect", { text, settings, language }, abort.signal).then(
        (told) => {
          setInspection((before) => (told.wrong_settings ? { ...before, ...told } : told));
          setInspected(text);
        },
        (error: unknown) => {
          // If nobody is there, the connection's own sign tells, and the next change asks again.
          if (!(error instanceof RequestError) || error.status < 400 || error.status >= 500) return;
          const sentence = error.status === TOO_LARGE ? words.tooLarge : fill(words.refused, { problem: error.message });
          setInspection({ problem: { text: sentence, line: null, column: null } });
          setInspected(text);
        },
      );
    const timer = window.setTimeout(inspect, MILLISECONDS_OF_QUIET);
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, [text, settings, language, words, moment]);
  return [inspection, inspected === text];
}
