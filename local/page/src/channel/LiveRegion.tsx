import { useEffect, useState } from "react";
import type { Workspace } from "../live";
import { useWords } from "../preferences";
import { fill } from "../words";

/** Tells a screen reader what arrived; of many at once only how many. */
export function LiveRegion({ workspace }: { workspace: Workspace }) {
  const words = useWords();
  const [said, setSaid] = useState("");
  useEffect(() => {
    const { news, edits } = workspace;
    if (news.length > 2) setSaid(fill(words.announcedMany, { count: news.length }));
    else if (news.length) setSaid(news.map((each) => fill(words.announced, { text: plain(each.text) })).join(" "));
    else if (edits.length) setSaid(fill(words.announcedChange, { text: plain(edits[0]!.text) }));
  }, [workspace]);
  return (
    <div className="unseeable" aria-live="polite" data-testid="live-region">
      {said}
    </div>
  );
}

function plain(text: unknown): string {
  return String(text).replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&").replace(/:[a-z0-9_+-]+:|\*/g, "");
}
