import { useId, useState } from "react";
import { usePreferences } from "../preferences";
import { fill } from "../words";
import { tell, type Start, type State } from "./api";
import type { Act } from "./useActions";

interface Props {
  limits: Start["limits"];
  act: Act;
  isBusy: boolean;
  state: State | null;
}

/** What befalls the whole stack: a digest, a storm, and a Slack that doesn't answer. */
export function Weather({ limits, act, isBusy, state }: Props) {
  const { words } = usePreferences();
  const [storm, setStorm] = useState("60");
  const [times, setTimes] = useState("2");
  const stormSize = wholeNumber(storm, limits.storm);
  const calls = wholeNumber(times, limits.faults);
  const breakSlack = (kind: string) =>
    act(async () => {
      if (kind === "none") {
        await tell("faults", { kind });
        return words.healed;
      }
      await tell("faults", { kind, times: calls });
      return fill(calls === 1 ? words.brokenOne : words.broken, { count: calls! });
    });
  const runDigest = () => act(() => tell("digest", {}).then(() => words.digestDone));
  const sendStorm = () =>
    act(async () => {
      const { sent } = await tell<{ sent: number }>("storm", { count: stormSize });
      return fill(sent === 1 ? words.stormSentOne : words.stormSent, { count: sent });
    });
  return (
    <section aria-labelledby="weather-title">
      <h3 id="weather-title">{words.weather}</h3>
      <div className="row">
        <button type="button" disabled={isBusy} onClick={runDigest}>
          {words.digest}
        </button>
      </div>
      <div className="row">
        <NumberField label={words.stormCount} value={storm} most={limits.storm} set={setStorm} />
        <button type="button" disabled={isBusy || stormSize === null} onClick={sendStorm}>
          {words.stormSend}
        </button>
      </div>
      <fieldset>
        <legend>{words.trouble}</legend>
        <p className="hint">{words.troubleHint}</p>
        <div className="row">
          <NumberField label={words.troubleTimes} value={times} most={limits.faults} set={setTimes} />
          <button type="button" disabled={isBusy || calls === null} onClick={() => breakSlack("429")}>
            {words.fail429}
          </button>
          <button type="button" disabled={isBusy || calls === null} onClick={() => breakSlack("500")}>
            {words.fail500}
          </button>
          <button type="button" disabled={isBusy} onClick={() => breakSlack("none")}>
            {words.heal}
          </button>
        </div>
      </fieldset>
      {state && <Gauges state={state} />}
    </section>
  );
}

/** The number that was typed, or null if it is none from 1 to `most`. */
function wholeNumber(typed: string, most: number): number | null {
  const value = Number(typed);
  return typed.trim() && Number.isInteger(value) && value >= 1 && value <= most ? value : null;
}

function NumberField(props: { label: string; value: string; most: number; set: (value: string) => void }) {
  const { words } = usePreferences();
  const id = useId();
  const isWrong = wholeNumber(props.value, props.most) === null;
  return (
    <>
      <label className="number">
        {props.label}
        <input
          inputMode="numeric"
          value={props.value}
          aria-invalid={isWrong}
          aria-describedby={id}
          onChange={(event) => props.set(event.target.value)}
        />
      </label>
      <span id={id} role="alert" className="wrong-number">
        {isWrong && fill(words.wrongNumber, { most: props.most })}
      </span>
    </>
  );
}

function Gauges({ state }: { state: State }) {
  const { words } = usePreferences();
  const gauges: [string, number][] = [
    [words.waiting, state.queue.waiting],
    [words.held, state.queue.held],
    [words.toFail, state.faults],
    [words.dead, state.queue.dead],
  ];
  return (
    <dl className="gauges" aria-label={words.now}>
      {gauges.map(([name, value]) => (
        <div key={name} data-some={value > 0}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
