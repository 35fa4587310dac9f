import { useCallback, useEffect, useRef, useState } from "react";
import type { Workspace } from "../live";
import { ask, type State } from "./api";

const MILLISECONDS_BETWEEN_LOOKS = 700;
const LOOKS_AFTER_A_CHANGE = 4; // the function's log may lag behind the channel

/** The queue and the log: looked at after each action and change, until there is nothing left to wait for. */
export function useStack(change: Workspace): [State | null, () => void] {
  const [state, setState] = useState<State | null>(null);
  const looks = useRef(0);
  const timer = useRef(0);
  const look = useCallback(() => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(async () => {
      const told = await ask<State>("state").catch(() => null);
      if (told) setState(told);
      looks.current -= 1;
      const isAtWork = told && (told.queue.waiting > 0 || told.queue.held > 0 || told.faults > 0);
      if (isAtWork || looks.current > 0) look();
    }, MILLISECONDS_BETWEEN_LOOKS);
  }, []);
  const refresh = useCallback(() => {
    looks.current = LOOKS_AFTER_A_CHANGE;
    look();
  }, [look]);
  useEffect(refresh, [change, refresh]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return [state, refresh];
}
