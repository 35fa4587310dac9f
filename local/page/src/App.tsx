import { useEffect, useMemo, useState } from "react";
import { Boundary } from "./Boundary";
import { ChannelList } from "./channel/ChannelList";
import { ChannelView } from "./channel/ChannelView";
import { LiveRegion } from "./channel/LiveRegion";
import { anchorOf } from "./channel/MessageView";
import { NamesContext } from "./channel/names";
import { useWorkspace, type Connection, type Workspace } from "./live";
import { Panel } from "./panel/Panel";
import { usePreferences, useWords, type Theme } from "./preferences";
import type { Language } from "./words";

type Tab = "channel" | "panel";

export function App() {
  const words = useWords();
  const [workspace, connection] = useWorkspace();
  const { shown, unread, show } = useShownChannel(workspace);
  const [tab, setTab] = useState<Tab>("channel");
  const goToPanel = () => {
    setTab("panel");
    requestAnimationFrame(() => document.getElementById("panel")?.focus());
  };
  const showChannel = (id: string) => {
    setTab("channel");
    show(id);
  };
  return (
    <div className="app" data-tab={tab} data-channels={workspace.channels.length > 1 ? "many" : "one"}>
      <button type="button" className="skip" onClick={goToPanel}>
        {words.skip}
      </button>
      <TopBar connection={connection} />
      <Tabs tab={tab} setTab={setTab} />
      <NamesContext value={workspace.names}>
        {workspace.channels.length > 1 && (
          <ChannelList channels={workspace.channels} shown={shown} unread={unread} show={show} />
        )}
        <Boundary about={workspace} fallback={<main className="channel">{words.undrawable}</main>}>
          <ChannelView key={shown} workspace={workspace} id={shown} />
        </Boundary>
        <LiveRegion workspace={workspace} />
        <Boundary about={workspace} fallback={<aside className="panel">{words.undrawable}</aside>}>
          <Panel change={workspace} showChannel={showChannel} />
        </Boundary>
      </NamesContext>
    </div>
  );
}

/** The channel that is shown, at first that of a linked message or the first of all; what came into others meanwhile. */
function useShownChannel(workspace: Workspace) {
  const [chosen, setChosen] = useState("");
  const [unread, setUnread] = useState<Record<string, number>>({});
  const linked = useMemo(() => {
    const anchor = location.hash.slice(1);
    return anchor ? [...workspace.messages.values()].find((message) => anchorOf(message) === anchor)?.channel : undefined;
  }, [workspace]);
  const shown = chosen || linked || workspace.channels[0]?.id || "";
  useEffect(() => {
    const elsewhere = workspace.news.filter((message) => message.channel !== shown);
    if (!elsewhere.length) return;
    setUnread((before) => {
      const counts = { ...before };
      for (const { channel } of elsewhere) counts[channel] = (counts[channel] ?? 0) + 1;
      return counts;
    });
  }, [workspace]);
  const show = (id: string) => {
    setChosen(id);
    setUnread((before) => ({ ...before, [id]: 0 }));
  };
  return { shown, unread, show };
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
