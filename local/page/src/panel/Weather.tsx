import { useState } from "react";
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
  const [storm, setStorm] = useState(60);
  const [times, setTimes] = useState(2);
  const breakSlack = (kind: string) =>
    act(async () => {
      await tell("faults", { kind, times });
      return kind === "none" ? words.healed : fill(words.broken, { count: times });
    });
  const runDigest = () => act(() => tell("digest", {}).then(() => words.digestDone));
  const sendStorm = () =>
    act(async () => fill(words.stormSent, await tell<{ sent: number }>("storm", { count: storm }).then((t) => ({ count: t.sent }))));
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
        <button type="button" disabled={isBusy} onClick={sendStorm}>
          {words.stormSend}
        </button>
      </div>
      <fieldset>
        <legend>{words.trouble}</legend>
        <p className="hint">{words.troubleHint}</p>
        <div className="row">
          <NumberField label={words.troubleTimes} value={times} most={limits.faults} set={setTimes} />
          <button type="button" disabled={isBusy} onClick={() => breakSlack("429")}>
            {words.fail429}
          </button>
          <button type="button" disabled={isBusy} onClick={() => breakSlack("500")}>
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

function NumberField(props: { label: string; value: number; most: number; set: (value: number) => void }) {
  const clamp = (value: number) => Math.min(props.most, Math.max(1, Math.round(value) || 1));
  return (
    <label className="number">
      {props.label}
      <input
        type="number"
        min={1}
        max={props.most}
        value={props.value}
        onChange={(event) => props.set(clamp(event.target.valueAsNumber))}
      />
    </label>
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
