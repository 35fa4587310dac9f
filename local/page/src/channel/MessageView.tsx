import { memo, useId, useState } from "react";
import { Boundary } from "../Boundary";
import type { SlackMessage } from "../live";
import { usePreferences } from "../preferences";
import { fill } from "../words";
import { Body } from "./Blocks";
import { emoji } from "./emoji";
import { FileCard } from "./FileCard";
import { clock, full, iso, posted } from "./time";

const BOT = "U00000BOT0";

/** The fragment by which a message is linked to. */
export function anchorOf(message: SlackMessage): string {
  return `p${message.ts.replace(".", "")}`;
}

interface Props {
  message: SlackMessage;
  replies?: SlackMessage[];
}

/** One message with its files, its reactions and its thread; if it can't be drawn, a sentence and its text. */
export const MessageView = memo(function MessageView({ message, replies = [] }: Props) {
  return (
    <Boundary about={message} fallback={<Undrawable message={message} />}>
      <Drawn message={message} replies={replies} />
    </Boundary>
  );
});

function Undrawable({ message }: { message: SlackMessage }) {
  const { words } = usePreferences();
  return (
    <article className="message undrawable">
      <div className="said">
        <p>{words.undrawable}</p>
        <pre>{String(message.text)}</pre>
      </div>
    </article>
  );
}

function Drawn({ message, replies }: Required<Props>) {
  const { words, locale } = usePreferences();
  const date = posted(message.ts);
  const isBot = message.user === BOT;
  const anchor = anchorOf(message);
  return (
    <article className="message" id={anchor} aria-label={fill(words.messageFrom, { time: full(date, locale) })}>
      <div className="avatar" aria-hidden="true">
        {isBot ? <img src="icon.svg" alt="" /> : <span className="person">{message.user.slice(1, 2)}</span>}
      </div>
      <div className="said">
        <div className="byline">
          <span className="author">{isBot ? "shirase" : message.user}</span>
          {isBot && <span className="badge">{words.app}</span>}
          <a className="when" href={`#${anchor}`} title={full(date, locale)}>
            <time dateTime={iso(date)}>{clock(date, locale)}</time>
          </a>
          {message.edited && (
            <span className="edited" title={words.editedTitle}>
              {words.edited}
            </span>
          )}
        </div>
        <Body payload={message} />
        {message.files.map((file) => (
          <FileCard key={file.id} file={file} />
        ))}
        {message.reactions.length > 0 && <Reactions names={message.reactions} />}
        {replies.length > 0 && <Thread replies={replies} />}
      </div>
    </article>
  );
}

function Reactions({ names }: { names: string[] }) {
  const { words } = usePreferences();
  return (
    <ul className="reactions" aria-label={words.reactions}>
      {names.map((name) => (
        <li key={name} title={`:${name}:`}>
          {emoji(name)} <span>1</span>
        </li>
      ))}
    </ul>
  );
}

/** Open from the start if it has files: they are what one looks for. */
function Thread({ replies }: { replies: SlackMessage[] }) {
  const { words, locale } = usePreferences();
  const [isOpen, setIsOpen] = useState(() => replies.some((reply) => reply.files.length > 0));
  const id = useId();
  const count = replies.length === 1 ? words.replyOne : fill(words.replies, { count: replies.length });
  const last = replies[replies.length - 1]!;
  return (
    <>
      <button
        type="button"
        className="thread-toggle"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setIsOpen(!isOpen)}
      >
        <img src="icon.svg" alt="" width="20" height="20" />
        <span className="count">{count}</span>
        <span className="last">{clock(posted(last.ts), locale)}</span>
        <span className="chevron" aria-hidden="true">
          ›
        </span>
      </button>
      <div id={id} role="group" aria-label={words.thread} className="thread" hidden={!isOpen}>
        {isOpen && replies.map((reply) => <MessageView key={reply.ts} message={reply} />)}
      </div>
    </>
  );
}
