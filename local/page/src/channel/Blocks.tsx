import { Message as BlockKit, type Block } from "slack-blocks-to-jsx";
import { useLayoutEffect, useMemo, useRef } from "react";
import { usePreferences } from "../preferences";
import type { Attachment, Payload } from "../live";
import { Mention } from "./Mention";
import { useNames } from "./names";
import { full, isMoment, iso, slackDate } from "./time";

/** What a message says: its blocks, or its text if it has none, then its attachments with their colour bars. */
export function Body({ payload }: { payload: Payload }) {
  const blocks = payload.blocks?.length ? payload.blocks : mrkdwn(payload.text);
  return (
    <>
      <Blocks blocks={blocks} />
      {payload.attachments?.map((attachment, index) => <Attached key={index} attachment={attachment} />)}
    </>
  );
}

function Attached({ attachment }: { attachment: Attachment }) {
  const blocks = attachment.blocks?.length ? attachment.blocks : mrkdwn(attachment.text || attachment.fallback || "");
  const colour = /^#[0-9a-f]{3,8}$/i.test(attachment.color ?? "") ? attachment.color : undefined;
  return (
    <div className="attachment">
      <span className="bar" style={{ background: colour }} aria-hidden="true" />
      <Blocks blocks={blocks} />
    </div>
  );
}

function mrkdwn(text: string): Block[] {
  return text ? [{ type: "section", text: { type: "mrkdwn", text } } as Block] : [];
}

/** Blocks, drawn by slack-blocks-to-jsx. */
export function Blocks({ blocks }: { blocks: Block[] }) {
  const { locale, shade } = usePreferences();
  const names = useNames();
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // The library gives each of its roots the same id, which a document may hold once.
    root.current?.querySelectorAll("#slack_blocks_to_jsx").forEach((each) => each.removeAttribute("id"));
    // A table that is wider than its channel scrolls, which a keyboard must be able to do, too.
    root.current?.querySelectorAll<HTMLElement>(".slack_blocks_to_jsx__table").forEach((each) => (each.tabIndex = 0));
  });
  const hooks = useMemo(
    () => ({
      date: ({ timestamp, format, fallback }: { timestamp: string; format: string; fallback: string }) => {
        const date = new Date(Number(timestamp) * 1000);
        if (!isMoment(date)) return fallback;
        return (
          <time dateTime={iso(date)} title={full(date, locale)}>
            {slackDate(date, format, locale)}
          </time>
        );
      },
      user: ({ id }: { id: string }) => <Mention id={id} name={names.users[id]} />,
      usergroup: ({ id }: { id: string }) => <Mention id={id} name={names.groups[id]} />,
      channel: ({ id }: { id: string }) => <Mention sign="#" id={id} name={names.channels[id]} />,
      atHere: () => <Mention id="here" name="here" isForAll />,
      atChannel: () => <Mention id="channel" name="channel" isForAll />,
      atEveryone: () => <Mention id="everyone" name="everyone" isForAll />,
    }),
    [locale, names],
  );
  const drawable = useMemo(() => blocks.map(asSlackReads), [blocks]);
  if (!blocks.length) return null;
  return (
    <div className="blocks" ref={root}>
      <BlockKit blocks={drawable} name="" logo="" theme={shade} hooks={hooks} withoutWrapper />
    </div>
  );
}

/** A block that the library draws as Slack does: it would read mrkdwn and mentions into what Slack shows as it is. */
function asSlackReads(block: Block): Block {
  return withPlainTexts(withRichCells(block));
}

function withPlainTexts(block: Block): Block {
  if (block.type !== "context") return block;
  const elements = (block.elements as Cell[]).map((each) => (each.type === "plain_text" ? { ...each, verbatim: true } : each));
  return { ...block, elements } as Block;
}

interface Cell {
  type: string;
  text?: string;
  value?: number;
}

/** A table whose raw cells, raw_text and raw_number, are rich text. The library knows no raw_number. */
function withRichCells(block: Block): Block {
  if (block.type !== "table") return block;
  const rows = (block.rows as Cell[][]).map((row) => row.map((cell) => (cell.type === "rich_text" ? cell : rich(cell))));
  return { ...block, rows } as Block;
}

function rich({ text, value }: Cell) {
  const element = { type: "text", text: text ?? String(value ?? "") };
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [element] }] };
}
