import type { Block } from "slack-blocks-to-jsx";
import { useEffect, useState } from "react";

export interface SlackFile {
  id: string;
  name: string;
  title: string;
  size: number;
}

export interface Attachment {
  color?: string;
  blocks?: Block[];
  text?: string;
  title?: string;
  fallback?: string;
}

export interface Payload {
  text: string;
  blocks: Block[];
  attachments: Attachment[];
}

export interface SlackMessage extends Payload {
  channel: string;
  ts: string;
  thread_ts: string | null;
  user: string;
  files: SlackFile[];
  reactions: string[];
  edited: boolean;
}

interface Change {
  reset: boolean;
  channels: { id: string; name: string }[];
  messages: SlackMessage[];
  gone: string[];
}

export interface Channel {
  name: string;
  /** By ts, which is the order of arrival too. */
  messages: Map<string, SlackMessage>;
  /** What the last change brought; empty for what was there when the page opened. */
  news: SlackMessage[];
  edits: SlackMessage[];
}

export type Connection = "connecting" | "live" | "lost";

const EMPTY: Channel = { name: "", messages: new Map(), news: [], edits: [] };
const MILLISECONDS_TO_TRY_AGAIN = 2000;

/** The channel as it stands, kept true by server-sent events. */
export function useChannel(): [Channel, Connection] {
  const [channel, setChannel] = useState(EMPTY);
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(() => listen((change) => setChannel((before) => apply(before, change)), setConnection), []);
  return [channel, connection];
}

function listen(onChange: (change: Change) => void, onConnection: (state: Connection) => void): () => void {
  let source: EventSource;
  let timer = 0;
  const open = () => {
    source = new EventSource("live");
    source.addEventListener("open", () => onConnection("live"));
    source.addEventListener("channel", (event) => onChange(JSON.parse((event as MessageEvent<string>).data)));
    source.addEventListener("error", () => {
      onConnection("lost");
      // The browser reconnects by itself, unless it was answered with an error.
      if (source.readyState === EventSource.CLOSED) timer = window.setTimeout(open, MILLISECONDS_TO_TRY_AGAIN);
    });
  };
  open();
  return () => {
    window.clearTimeout(timer);
    source.close();
  };
}

function apply(before: Channel, change: Change): Channel {
  const messages = change.reset ? new Map<string, SlackMessage>() : new Map(before.messages);
  change.gone.forEach((ts) => messages.delete(ts));
  const isFirst = before === EMPTY || change.reset;
  const news = isFirst ? [] : change.messages.filter((message) => !messages.has(message.ts));
  const edits = isFirst ? [] : change.messages.filter((message) => messages.has(message.ts));
  change.messages.forEach((message) => messages.set(message.ts, message));
  return { name: change.channels[0]?.name ?? "", messages, news, edits };
}
