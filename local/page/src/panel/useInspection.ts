import { useEffect, useRef, useState } from "react";
import { usePreferences } from "../preferences";
import { fill } from "../words";
import { RequestError, tell, TOO_LARGE, type Inspection, type Settings } from "./api";

const MILLISECONDS_OF_QUIET = 200;

/**
 * What the stack would do with a text, asked anew whenever one has stopped typing, or `moment` has changed; and whether
 * it is about this text, or still about the one before. Where the settings are wrong, it is by the last that were right.
 */
export function useInspection(text: string, settings: Settings, moment: string): [Inspection | null, boolean] {
  const { language, words } = usePreferences();
  const [inspection, setInspection] = useState<Inspection | null>(null);
  const [inspected, setInspected] = useState("");
  const right = useRef(settings);
  useEffect(() => {
    const abort = new AbortController();
    const ask = (by: Settings) => tell<Inspection>("inspect", { text, settings: by, language }, abort.signal);
    const askTwice = async () => {
      const told = await ask(settings);
      if (told.wrong_settings) return { ...(await ask(right.current)), ...told };
      if (told.events) right.current = settings;
      return told;
    };
    const inspect = () =>
      askTwice().then(
        (told) => {
          setInspection(told);
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
