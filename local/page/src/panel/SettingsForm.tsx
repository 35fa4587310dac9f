import { usePreferences } from "../preferences";
import { fill } from "../words";
import type { Settings } from "./api";

const SEVERITIES = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];

interface Props {
  settings: Settings;
  deployed: Settings;
  setSettings: (settings: Settings) => void;
  problems?: Partial<Settings>;
}

export function SettingsForm({ settings, deployed, setSettings, problems }: Props) {
  const { words } = usePreferences();
  const isChanged = JSON.stringify(settings) !== JSON.stringify(deployed);
  const set = (name: keyof Settings) => (event: { target: { value: string } }) =>
    setSettings({ ...settings, [name]: event.target.value });
  return (
    <section aria-labelledby="settings-title">
      <h3 id="settings-title">{words.settings}</h3>
      <p className="hint">{words.settingsHint}</p>
      <div className="grid">
        <label className="field wide">
          {words.controls}
          <input
            value={settings.TARGET_CONTROL_IDS}
            onChange={set("TARGET_CONTROL_IDS")}
            spellCheck={false}
            aria-invalid={Boolean(problems?.TARGET_CONTROL_IDS)}
            aria-describedby="settings-problem"
          />
        </label>
        <div id="settings-problem" role="alert" className="wide problem-place">
          {problems?.TARGET_CONTROL_IDS && (
            <p className="problem">{fill(words.wrongControls, { problem: problems.TARGET_CONTROL_IDS })}</p>
          )}
        </div>
        <label className="field">
          {words.minSeverity}
          <select value={settings.MIN_SEVERITY} onChange={set("MIN_SEVERITY")}>
            {SEVERITIES.map((severity) => (
              <option key={severity}>{severity}</option>
            ))}
          </select>
        </label>
        <label className="field">
          {words.messageLanguage}
          <select value={settings.MESSAGE_LANGUAGE} onChange={set("MESSAGE_LANGUAGE")}>
            <option value="en">en</option>
            <option value="ja">ja</option>
          </select>
        </label>
        <label className="field wide">
          {words.environment}
          <input value={settings.ENVIRONMENT_NAME} onChange={set("ENVIRONMENT_NAME")} />
        </label>
      </div>
      {isChanged && (
        <div className="actions">
          <button type="button" onClick={() => setSettings(deployed)}>
            {words.resetSettings}
          </button>
        </div>
      )}
    </section>
  );
}
