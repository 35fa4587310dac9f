import { useEffect, useRef, useState } from "react";
import { usePreferences } from "../preferences";
import { fill } from "../words";
import { RequestError, tell, TOO_LARGE, type Inspection, type Settings } from "./api";

const MILLISECONDS_OF_QUIET = 200;

/**
 * What the stack would do with a text, asked anew whenever one has stopped typing, or `moment` has changed; and whether
 * it is about this text, or still about the one before. Where settings or routes are wrong, it is by
 * the last that were right.
 */
export function useInspection(text: string, settings: Settings, routes: string, moment: string): [Inspection | null, boolean] {
  const { language, words } = usePreferences();
  const [inspection, setInspection] = useState<Inspection | null>(null);
  const [inspected, setInspected] = useState("");
  const right = useRef({ settings, routes });
  useEffect(() => {
    const abort = new AbortController();
    const ask = (by: { settings: Settings; routes: string }) =>
      tell<Inspection>("inspect", { text, ...by, language }, abort.signal);
    const askTwice = async () => {
      const told = await ask({ settings, routes });
      if (told.wrong_settings || told.wrong_routes) return { ...(await ask(right.current)), ...told };
      if (told.events) right.current = { settings, routes };
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
  }, [text, settings, routes, language, words, moment]);
  return [inspection, inspected === text];
}
