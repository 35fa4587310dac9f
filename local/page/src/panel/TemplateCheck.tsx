import { useState } from "react";
import { Boundary } from "../Boundary";
import { Body } from "../channel/Blocks";
import { usePreferences } from "../preferences";
import { fill } from "../words";
import { RequestError, tell, TOO_LARGE, type Checked, type CheckedTemplate, type Settings } from "./api";

const SAMPLE = `Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  ReceiptsBucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        BlockPublicAcls: false
`;

/** A template, and the messages that would come of it once it is deployed. */
export function TemplateCheck({ settings, hasEngines }: { settings: Settings; hasEngines: boolean }) {
  const { language, words } = usePreferences();
  const [text, setText] = useState(SAMPLE);
  const [parameters, setParameters] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [isReady, setIsReady] = useState(hasEngines);
  const [told, setTold] = useState<CheckedTemplate | null>(null);
  const [problem, setProblem] = useState("");
  const check = async () => {
    setIsBusy(true);
    setProblem("");
    try {
      const answer = await tell<CheckedTemplate>("template", { text, parameters, settings, language });
      if (answer.wrong_settings) setProblem(words.templateSettings);
      setTold(answer.wrong_settings ? null : answer);
      setIsReady(true);
    } catch (error) {
      setTold(null);
      setProblem(sentence(error));
    }
    setIsBusy(false);
  };
  const sentence = (error: unknown) => {
    if (!(error instanceof RequestError) || error.status === 0) return fill(words.failedRequest, { problem: words.unreachable });
    return error.status === TOO_LARGE ? words.tooLarge : fill(words.refused, { problem: error.message });
  };
  return (
    <section aria-labelledby="template-title" className="template-check">
      <h3 id="template-title">{words.template}</h3>
      <p className="hint" id="template-hint">
        {words.templateHint}
      </p>
      <label className="field">
        {words.templateText}
        <textarea
          value={text}
          rows={9}
          wrap="off"
          spellCheck={false}
          aria-describedby="template-hint template-problems"
          aria-invalid={Boolean(told?.problems.length)}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <label className="field">
        {words.templateParameters}
        <textarea
          value={parameters}
          rows={1}
          spellCheck={false}
          placeholder="Stage=prod"
          onChange={(event) => setParameters(event.target.value)}
        />
      </label>
      <div className="actions">
        <button type="button" className="primary" disabled={isBusy || !text.trim()} onClick={check}>
          {words.templateCheck}
        </button>
        <span className="hint" role="status">
          {isBusy && (isReady ? words.templateChecking : words.templateInstalling)}
        </span>
      </div>
      <div id="template-problems" role="alert" className="problem-place">
        {problem && <p className="problem">{problem}</p>}
        {told && told.problems.length > 0 && (
          <ul className="problem">
            {told.problems.map(({ line, text: about }, index) => (
              <li key={index}>
                {line !== null && `${fill(words.routesLine, { line })} `}
                {about}
              </li>
            ))}
          </ul>
        )}
      </div>
      {told && !isBusy && isChecked(told) && <Told told={told} />}
    </section>
  );
}

/** Whether it could be read, at least in part: else that nothing was found would look like success. */
function isChecked({ problems, violations, accepted, undecided }: CheckedTemplate) {
  return !problems.length || violations.length + accepted.length + undecided.length > 0;
}

function Told({ told }: { told: CheckedTemplate }) {
  const { words } = usePreferences();
  return (
    <div className="template-told">
      <p className="reads-as">
        {fill(words.templateCounts, {
          violations: told.violations.length,
          accepted: told.accepted.length,
          undecided: told.undecided.length,
        })}
      </p>
      {told.violations.map((one, index) => (
        <Predicted key={index} one={one} />
      ))}
      {told.left_out > 0 && <p className="hint">{fill(words.templateLeftOut, { count: told.left_out })}</p>}
      <Listed heading={words.templateAccepted} listed={told.accepted} />
      <Listed heading={words.templateUndecided} listed={told.undecided} />
      <p className="hint">
        {fill(words.templateCoverage, {
          checked: told.checked,
          account: told.need_account,
          none: told.without_rule,
        })}
      </p>
    </div>
  );
}

function Predicted({ one }: { one: Checked }) {
  const { words } = usePreferences();
  if (!one.message) return null;
  return (
    <figure className="preview" data-sample>
      <figcaption>{fill(words.templateMessage, { control: one.control, resource: one.resource })}</figcaption>
      <div className="preview-body">
        <Boundary about={one} fallback={<p className="hint">{words.undrawable}</p>}>
          <Body payload={one.message} />
        </Boundary>
      </div>
    </figure>
  );
}

function Listed({ heading, listed }: { heading: string; listed: Checked[] }) {
  if (!listed.length) return null;
  return (
    <>
      <h4>{heading}</h4>
      <ul className="template-list">
        {listed.map(({ control, severity, resource, line, title, why }, index) => (
          <li key={index} title={title}>
            <strong>
              {severity} · {control}
            </strong>{" "}
            {resource}
            {line !== null && `:${line}`}
            <span className="hint">{why}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
