import { Fragment, useEffect, useMemo, useRef, useState } from "react";
import type { Channel, SlackMessage, Workspace } from "../live";
import { usePreferences, useWords } from "../preferences";
import { fill, type Words } from "../words";
import { MessageView } from "./MessageView";
import { day, isSameDay, posted } from "./time";

/** Within so many pixels of the end a reader is at the end, and stays there as messages arrive. */
const AT_THE_END = 120;

/** Which linked message the reader was led to: once, and not at each return to its channel. */
let led = "";

export function ChannelView({ workspace, id }: { workspace: Workspace; id: string }) {
  const words = useWords();
  const channel = workspace.channels.find((each) => each.id === id);
  const [top, replies] = useMemo(
    () => threads([...workspace.messages.values()].filter((message) => message.channel === id)),
    [workspace, id],
  );
  const { list, unseen, onScroll, goToEnd } = useFollowing(workspace, id, top.length);
  return (
    <main className="channel" aria-label={words.channel}>
      <div className="channel-head">
        <h1>
          <span aria-hidden="true"># </span>
          {channel?.name ?? "…"}
        </h1>
        {channel && <ChannelNote channel={channel} />}
        <p>{words.standIn}</p>
      </div>
      <div className="messages" ref={list} onScroll={onScroll} tabIndex={0} role="region" aria-label={channel?.name ?? ""}>
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
function useFollowing(workspace: Workspace, id: string, count: number) {
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
    const isFirst = wasEmpty.current && count && led !== location.hash;
    const linked = isFirst ? document.getElementById(location.hash.slice(1)) : null;
    wasEmpty.current = !count;
    if (linked) {
      led = location.hash;
      location.replace(location.hash); // so that it becomes the document's target, which it was too late for
      linked.scrollIntoView({ block: "center" });
      return;
    }
    const arrived = workspace.news.filter((message) => message.channel === id && !message.thread_ts).length;
    if (isAtEnd(list.current!)) goToEnd();
    else if (arrived) setUnseen((before) => before + arrived);
  }, [workspace]);
  return { list, unseen, onScroll, goToEnd };
}

function isAtEnd(list: HTMLElement): boolean {
  return list.scrollTop > -AT_THE_END; // 0 at the end, for the list runs backwards
}

/** What keeps the app from posting here. */
function ChannelNote({ channel }: { channel: Channel }) {
  const words = useWords();
  if (channel.is_archived) return <span className="channel-note">{words.isArchived}</span>;
  if (channel.is_member === false) return <span className="channel-note">{words.isNoMember}</span>;
  return null;
}
