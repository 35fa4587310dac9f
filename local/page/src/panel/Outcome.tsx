import { Boundary } from "../Boundary";
import { Body } from "../channel/Blocks";
import { useNames } from "../channel/names";
import { usePreferences } from "../preferences";
import { fill } from "../words";
import type { Preview, Routing, Step } from "./api";

/** What would become of an event now, and the message it makes. */
interface Props {
  preview: Preview;
  isByEarlierSettings: boolean;
  isByEarlierRoutes: boolean;
  hasRoutes: boolean;
  showChannel: (id: string) => void;
}

export function Outcome({ preview, isByEarlierSettings, isByEarlierRoutes, hasRoutes, showChannel }: Props) {
  const { words } = usePreferences();
  return (
    <section aria-labelledby="happens-title">
      <h3 id="happens-title">{words.happens}</h3>
      {isByEarlierSettings && <p className="hint by-earlier-settings">{words.byEarlierSettings}</p>}
      {isByEarlierRoutes && <p className="hint">{words.byEarlierRoutes}</p>}
      {preview.violation && <p className="reads-as">{fill(words.readsAs, preview.violation)}</p>}
      <ol className="steps">
        {preview.steps.map((step) => (
          <StepLine key={step.step} step={step} />
        ))}
      </ol>
      {preview.routing && <RoutingLines routing={preview.routing} showChannel={showChannel} />}
      {preview.violation && !hasRoutes && <p className="hint">{words.noRoutes}</p>}
      <Boundary about={preview} fallback={<p className="hint">{words.undrawable}</p>}>
        <PreviewedMessage preview={preview} />
      </Boundary>
    </section>
  );
}

function StepLine({ step }: { step: Step }) {
  const { words } = usePreferences();
  return (
    <li data-passes={step.passes}>
      <span className="step-mark" aria-hidden="true">
        {step.passes ? "✓" : step.step === "problem" ? "!" : "–"}
      </span>
      <span className="step-name">{words.steps[step.step] ?? step.step}</span>
      <span className="step-word">
        <strong>{words.words[step.word] ?? step.word}</strong>
        {step.why && <span> · {step.why}</span>}
      </span>
    </li>
  );
}

/** Which line has it, whose it is, where it goes, who is mentioned and why. */
function RoutingLines({ routing, showChannel }: { routing: Routing; showChannel: (id: string) => void }) {
  const { words } = usePreferences();
  const { channels } = useNames();
  const { channel } = routing;
  return (
    <dl className="routing" aria-label={words.routes}>
      {routing.rows.map(({ name, text }, index) => (
        <div key={index}>
          <dt>{name && name !== routing.rows[index - 1]?.name ? name : ""}</dt>
          <dd>
            {text !== channel ? (
              text
            ) : channels[channel] ? (
              <button type="button" className="to-channel" onClick={() => showChannel(channel)}>
                #{channels[channel]}
              </button>
            ) : (
              fill(words.unknownChannel, { channel })
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function PreviewedMessage({ preview }: { preview: Preview }) {
  const { words } = usePreferences();
  const caption = preview.is_sample ? words.messageSample : preview.reply ? words.messageClosed : words.message;
  if (!preview.message) return <p className="hint">{words.messageNone}</p>;
  return (
    <figure className="preview" data-sample={preview.is_sample}>
      <figcaption>{caption}</figcaption>
      <div className="preview-body">
        <Body payload={preview.message} />
        {preview.reply && (
          <div className="preview-reply">
            <span aria-hidden="true">↳</span>
            <Body payload={{ text: preview.reply, blocks: [], attachments: [] }} />
          </div>
        )}
      </div>
    </figure>
  );
}
