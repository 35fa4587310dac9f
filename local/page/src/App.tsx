import { useState } from "react";
import { Boundary } from "./Boundary";
import { ChannelView } from "./channel/ChannelView";
import { useChannel, type Connection } from "./live";
import { Panel } from "./panel/Panel";
import { usePreferences, useWords, type Theme } from "./preferences";
import type { Language } from "./words";

type Tab = "channel" | "panel";

export function App() {
  const words = useWords();
  const [channel, connection] = useChannel();
  const [tab, setTab] = useState<Tab>("channel");
  const goToPanel = () => {
    setTab("panel");
    requestAnimationFrame(() => document.getElementById("panel")?.focus());
  };
  return (
    <div className="app" data-tab={tab}>
      <button type="button" className="skip" onClick={goToPanel}>
        {words.skip}
      </button>
      <TopBar connection={connection} />
      <Tabs tab={tab} setTab={setTab} />
      <Boundary about={channel} fallback={<main className="channel">{words.undrawable}</main>}>
        <ChannelView channel={channel} />
      </Boundary>
      <Boundary about={channel} fallback={<aside className="panel">{words.undrawable}</aside>}>
        <Panel change={channel} />
      </Boundary>
    </div>
  );
}

function TopBar({ connection }: { connection: Connection }) {
  const { words, language, setLanguage, theme, setTheme } = usePreferences();
  const status = { live: words.live, connecting: words.connecting, lost: words.lost }[connection];
  return (
    <header className="topbar">
      <img src="icon.svg" alt="" width="26" height="26" />
      <strong className="brand">{words.brand}</strong>
      <span className="connection" data-state={connection} role="status">
        <span className="dot" aria-hidden="true" />
        <span className="connection-text">{status}</span>
      </span>
      <span className="grow" />
      <select aria-label={words.language} value={language} onChange={(e) => setLanguage(e.target.value as Language)}>
        <option value="en">English</option>
        <option value="ja">日本語</option>
      </select>
      <select aria-label={words.theme} value={theme} onChange={(e) => setTheme(e.target.value as Theme)}>
        <option value="auto">{words.themeAuto}</option>
        <option value="light">{words.themeLight}</option>
        <option value="dark">{words.themeDark}</option>
      </select>
    </header>
  );
}

/** On a phone one of the two is shown at a time. */
function Tabs({ tab, setTab }: { tab: Tab; setTab: (tab: Tab) => void }) {
  const words = useWords();
  return (
    <nav className="tabs" aria-label={`${words.channel} / ${words.tryIt}`}>
      {(["channel", "panel"] as const).map((each) => (
        <button key={each} type="button" aria-current={tab === each ? "page" : undefined} onClick={() => setTab(each)}>
          {each === "channel" ? words.channel : words.tryIt}
        </button>
      ))}
    </nav>
  );
}
