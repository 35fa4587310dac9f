import { useEffect, useState } from "react";
import type { Workspace } from "../live";
import { useWords } from "../preferences";
import { ask, RequestError, type Start } from "./api";
import { Bench } from "./Bench";

const MILLISECONDS_TO_TRY_AGAIN = 1000;

/** Beside the channel: what to send, what would become of it, and what to do to it. `change` is the workspace's last. */
export function Panel({ change, showChannel }: { change: Workspace; showChannel: (id: string) => void }) {
  const words = useWords();
  const [start, status] = useStart();
  return (
    <aside className="panel" id="panel" tabIndex={-1} aria-labelledby="panel-title">
      <h2 id="panel-title">{words.tryIt}</h2>
      {start && <Bench start={start} change={change} showChannel={showChannel} />}
      {!start && status === "deploying" && (
        <p role="status" className="waiting">
          {words.deploying}
        </p>
      )}
      {!start && status === "absent" && <p>{words.noPanel}</p>}
    </aside>
  );
}

type Status = "deploying" | "absent" | "ready";

function useStart(): [Start | null, Status | null] {
  const [start, setStart] = useState<Start | null>(null);
  const [status, setStatus] = useState<Status | null>(null);
  useEffect(() => {
    let timer = 0;
    const abort = new AbortController();
    const attempt = () =>
      ask<Start>("start", abort.signal).then(
        (told) => {
          setStart(told);
          setStatus("ready");
        },
        (error: unknown) => {
          if (abort.signal.aborted) return;
          const isAbsent = error instanceof RequestError && error.status === 404;
          setStatus(isAbsent ? "absent" : "deploying");
          if (!isAbsent) timer = window.setTimeout(attempt, MILLISECONDS_TO_TRY_AGAIN);
        },
      );
    void attempt();
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, []);
  return [start, status];
}
