import { useCallback, useState } from "react";
import { usePreferences } from "../preferences";
import { fill, type Words } from "../words";
import { RequestError, TOO_LARGE } from "./api";

/** Does something to the stack, and says what came of it or what went wrong. */
export type Act = (work: () => Promise<string>) => Promise<void>;

/** What was said last, how to act, and whether an action is under way; `refresh` is called after each. */
export function useActions(refresh: () => void): [string, Act, boolean] {
  const { words } = usePreferences();
  const [said, setSaid] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const act = useCallback<Act>(
    async (work) => {
      setIsBusy(true);
      try {
        setSaid(await work());
      } catch (error) {
        setSaid(fill(words.failedRequest, { problem: problemOf(error, words) }));
      }
      setIsBusy(false);
      refresh();
    },
    [words, refresh],
  );
  return [said, act, isBusy];
}

function problemOf(error: unknown, words: Words): string {
  if (error instanceof RequestError && error.status === 0) return words.unreachable;
  if (error instanceof RequestError && error.status === TOO_LARGE) return words.tooLarge;
  return String(error instanceof Error ? error.message : error);
}
