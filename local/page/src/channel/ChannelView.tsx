import { Fragment, useEffect, useMemo, useRef, useState } from "react";
import type { Channel, SlackMessage } from "../live";
import { usePreferences, useWords } from "../preferences";
import { fill, type Words } from "../words";
import { MessageView } from "./MessageView";
import { day, isSameDay, posted } from "./time";

/** Within so many pixels of the end a reader is at the end, and stays there as messages arrive. */
const AT_THE_END = 120;

export function ChannelView({ channel }: { channel: Channel }) {
  const words = useWords();
  const [top, replies] = useMemo(() => threads([...channel.messages.values()]), [channel]);
  const { list, unseen, onScroll, goToEnd } = useFollowing(channel, top.length);
  return (
    <main className="channel" aria-label={words.channel}>
      <div className="channel-head">
        <h1>
          <span aria-hidden="true"># </span>
          {channel.name || "…"}
        </h1>
        <p>{words.standIn}</p>
      </div>
      <div className="messages" ref={list} onScroll={onScroll} tabIndex={0} role="region" aria-label={channel.name}>
        <div className="message-stack">
          {top.length === 0 && <p className="empty">{words.noMessages}</p>}
          {top.map((message, index) => (
            <Fragment key={message.ts}>
              <Day message={message} before={top[index - 1]} />
              <MessageView message={message} replies={replies.get(message.ts)} />
            </Fragment>
          ))}
        </div>
      </div>
      {unseen > 0 && (
        <button type="button" className="unseen" onClick={goToEnd}>
          ↓ {fill(words.newestBelow, { count: unseen })}
        </button>
      )}
      <LiveRegion channel={channel} />
    </main>
  );
}

/** What stands in the channel, and the replies by the message they answer. A reply to none stands in the channel. */
function threads(messages: SlackMessage[]): [SlackMessage[], Map<string, SlackMessage[]>] {
  const begun = new Set(messages.filter((message) => !message.thread_ts).map((message) => message.ts));
  const isReply = (message: SlackMessage) => message.thread_ts !== null && begun.has(message.thread_ts);
  const top = messages.filter((message) => !isReply(message));
  return [top, Map.groupBy(messages.filter(isReply), (message) => message.thread_ts!)];
}

function Day({ message, before }: { message: SlackMessage; before?: SlackMessage }) {
  const { words, locale } = usePreferences();
  const date = posted(message.ts);
  if (before && isSameDay(date, posted(before.ts))) return null;
  return (
    <h2 className="day">
      <span>{dayName(date, words, locale)}</span>
    </h2>
  );
}

function dayName(date: Date, words: Words, locale: string): string {
  const today = new Date();
  if (isSameDay(date, today)) return words.today;
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (isSameDay(date, yesterday)) return words.yesterday;
  return day(date, locale);
}

/** Keeps a reader who is at the end at the end, and counts what arrives below one who isn't. */
function useFollowing(channel: Channel, count: number) {
  const list = useRef<HTMLDivElement>(null);
  const wasEmpty = useRef(true);
  const [unseen, setUnseen] = useState(0);
  const goToEnd = () => {
    list.current!.scrollTop = 0;
    setUnseen(0);
  };
  const onScroll = () => {
    if (isAtEnd(list.current!)) setUnseen(0);
  };
  useEffect(() => {
    // A link to a message leads there once, as soon as its message is there.
    const linked = wasEmpty.current && count ? document.getElementById(location.hash.slice(1)) : null;
    wasEmpty.current = !count;
    if (linked) {
      location.replace(location.hash); // so that it becomes the document's target, which it was too late for
      linked.scrollIntoView({ block: "center" });
      return;
    }
    const arrived = channel.news.filter((message) => !message.thread_ts).length;
    if (isAtEnd(list.current!)) goToEnd();
    else if (arrived) setUnseen((before) => before + arrived);
  }, [channel]);
  return { list, unseen, onScroll, goToEnd };
}

function isAtEnd(list: HTMLElement): boolean {
  return list.scrollTop > -AT_THE_END; // 0 at the end, for the list runs backwards
}

/** Tells a screen reader what arrived; of many at once only how many. */
function LiveRegion({ channel }: { channel: Channel }) {
  const words = useWords();
  const [said, setSaid] = useState("");
  useEffect(() => {
    const { news, edits } = channel;
    if (news.length > 2) setSaid(fill(words.announcedMany, { count: news.length }));
    else if (news.length) setSaid(news.map((each) => fill(words.announced, { text: plain(each.text) })).join(" "));
    else if (edits.length) setSaid(fill(words.announcedChange, { text: plain(edits[0]!.text) }));
  }, [channel]);
  return (
    <div className="unseeable" aria-live="polite" data-testid="live-region">
      {said}
    </div>
  );
}

function plain(text: unknown): string {
  return String(text).replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&").replace(/:[a-z0-9_+-]+:|\*/g, "");
}
