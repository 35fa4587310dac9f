import { useState } from "react";
import type { Workspace } from "../live";
import { usePreferences } from "../preferences";
import { fill } from "../words";
import { tell, type Event, type Preview, type Settings, type Start } from "./api";
import { FindingEditor, useFinding } from "./FindingEditor";
import { LifeButtons } from "./LifeButtons";
import { Log } from "./Log";
import { Outcome } from "./Outcome";
import { RoutesEditor } from "./RoutesEditor";
import { SettingsForm } from "./SettingsForm";
import { TemplateCheck } from "./TemplateCheck";
import { useActions } from "./useActions";
import { useInspection } from "./useInspection";
import { useStack } from "./useStack";
import { Weather } from "./Weather";

interface Props {
  start: Start;
  change: Workspace;
  showChannel: (id: string) => void;
}

export function Bench({ start, change, showChannel }: Props) {
  const { words } = usePreferences();
  const [settings, setSettings] = useState<Settings>(start.settings);
  const [routes, setRoutes] = useState(start.routes);
  const [routesInUse, setRoutesInUse] = useState(start.routes);
  const finding = useFinding(start.samples);
  const [stack, refresh] = useStack(change);
  const [inspection, isCurrent] = useInspection(finding.text, settings, routes, `${change.messages.size}/${stack?.fates.length}`);
  const [chosen, setChosen] = useState(0);
  const [said, act, isBusy] = useActions(refresh);
  const useRoutes = () =>
    act(async () => {
      const { routes: used } = await tell<{ routes: string }>("routes", { text: routes });
      setRoutesInUse(used);
      setRoutes(used);
      return words.routesUsed;
    });
  const previews = inspection?.events ?? [];
  const preview = previews[Math.min(chosen, previews.length - 1)];
  const send = (events: Event[]) =>
    act(async () => {
      const renewed = await finding.renewSent();
      if (renewed) events = renewed;
      const { sent, dropped } = await tell<{ sent: string[]; dropped: string[] }>("send", { events });
      if (!sent.length) return words.droppedOnly;
      finding.markSent(renewed ? JSON.stringify(renewed[0], null, 2) : finding.text);
      const values = { count: sent.length, dropped: dropped.length };
      return fill(dropped.length ? words.sentSome : words.sent, values);
    });
  return (
    <>
      <p className="intro">{words.intro}</p>
      <section aria-labelledby="finding-title">
        <h3 id="finding-title">{words.finding}</h3>
        <FindingEditor samples={start.samples} finding={finding} problem={inspection?.problem} />
        {previews.length > 1 && <Chooser previews={previews} chosen={chosen} setChosen={setChosen} />}
        {preview && (
          <div className="actions">
            <button type="button" className="primary" disabled={isBusy || !isCurrent} onClick={() => send([preview.event])}>
              {words.send}
            </button>
            {previews.length > 1 && (
              <button type="button" disabled={isBusy || !isCurrent} onClick={() => send(previews.map((each) => each.event))}>
                {fill(words.sendAll, { count: previews.length })}
              </button>
            )}
          </div>
        )}
      </section>
      {preview && (
        <Outcome
          preview={preview}
          isByEarlierSettings={Boolean(inspection?.wrong_settings)}
          isByEarlierRoutes={Boolean(inspection?.wrong_routes)}
          hasRoutes={Boolean(routes.trim())}
          showChannel={showChannel}
        />
      )}
      <RoutesEditor
        text={routes}
        inUse={routesInUse}
        setText={setRoutes}
        problems={inspection?.wrong_routes ?? []}
        use={useRoutes}
        isBusy={isBusy}
      />
      {preview?.violation && <LifeButtons event={preview.event} act={act} isBusy={isBusy || !isCurrent} />}
      <SettingsForm
        settings={settings}
        deployed={start.settings}
        setSettings={setSettings}
        problems={inspection?.wrong_settings}
      />
      <TemplateCheck settings={settings} hasEngines={start.has_engines} />
      <Weather limits={start.limits} act={act} isBusy={isBusy} state={stack} />
      <Log fates={stack?.fates ?? []} />
      <p className="toast" role="status">
        {said}
      </p>
    </>
  );
}

interface Choice {
  previews: Preview[];
  chosen: number;
  setChosen: (index: number) => void;
}

function Chooser(props: Choice) {
  const { words } = usePreferences();
  return (
    <label className="field">
      {fill(words.which, { count: props.previews.length })}
      <select value={props.chosen} onChange={(event) => props.setChosen(Number(event.target.value))}>
        {props.previews.map(({ violation }, index) => (
          <option key={index} value={index}>
            {index + 1}. {violation ? `${violation.control} · ${violation.resource}` : "–"}
          </option>
        ))}
      </select>
    </label>
  );
}
