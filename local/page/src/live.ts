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

export interface Channel {
  id: string;
  name: string;
  is_member?: boolean;
  is_private?: boolean;
  is_archived?: boolean;
}

/** Names by id, which messages mention. */
export interface Names {
  users: Record<string, string>;
  groups: Record<string, string>;
  channels: Record<string, string>;
}

interface Change {
  reset: boolean;
  channels: Channel[];
  users?: Record<string, string>;
  groups?: Record<string, string>;
  messages: SlackMessage[];
  gone: string[];
}

export interface Workspace {
  channels: Channel[];
  names: Names;
  /** Of all channels, by ts, which is the order of arrival too. */
  messages: Map<string, SlackMessage>;
  /** What the last change brought; empty for what was there when the page opened. */
  news: SlackMessage[];
  edits: SlackMessage[];
}

export type Connection = "connecting" | "live" | "lost";

export const NO_NAMES: Names = { users: {}, groups: {}, channels: {} };
const EMPTY: Workspace = { channels: [], names: NO_NAMES, messages: new Map(), news: [], edits: [] };
const MILLISECONDS_TO_TRY_AGAIN = 2000;

/** The workspace as it stands, kept true by server-sent events. */
export function useWorkspace(): [Workspace, Connection] {
  const [workspace, setWorkspace] = useState(EMPTY);
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(() => listen((change) => setWorkspace((before) => apply(before, change)), setConnection), []);
  return [workspace, connection];
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

function apply(before: Workspace, change: Change): Workspace {
  const messages = change.reset ? new Map<string, SlackMessage>() : new Map(before.messages);
  change.gone.forEach((ts) => messages.delete(ts));
  const isFirst = before === EMPTY || change.reset;
  const news = isFirst ? [] : change.messages.filter((message) => !messages.has(message.ts));
  const edits = isFirst ? [] : change.messages.filter((message) => messages.has(message.ts));
  change.messages.forEach((message) => messages.set(message.ts, message));
  const channels = Object.fromEntries(change.channels.map(({ id, name }) => [id, name]));
  const names = { users: change.users ?? {}, groups: change.groups ?? {}, channels };
  return { channels: change.channels, names: isSame(names, before.names) ? before.names : names, messages, news, edits };
}

/** Whether the names are those of before: messages are drawn anew where they are others. */
function isSame(one: Names, other: Names): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
