import type { Channel } from "../live";
import { useWords } from "../preferences";
import { fill } from "../words";

interface Props {
  channels: Channel[];
  shown: string;
  unread: Record<string, number>;
  show: (id: string) => void;
}

/** The channels, and how much is new in those that aren't shown. */
export function ChannelList({ channels, shown, unread, show }: Props) {
  const words = useWords();
  return (
    <nav className="channel-list" aria-label={words.channels}>
      <ul>
        {channels.map((channel) => (
          <li key={channel.id}>
            <button
              type="button"
              aria-current={channel.id === shown ? "page" : undefined}
              data-unread={Boolean(unread[channel.id])}
              onClick={() => show(channel.id)}
            >
              <span className="channel-sign" aria-hidden="true">
                {channel.is_private ? "🔒" : "#"}
              </span>
              <span className="channel-name">{channel.name}</span>
              {Boolean(unread[channel.id]) && (
                <span className="unread" aria-label={fill(words.unread, { count: unread[channel.id]! })}>
                  {unread[channel.id]}
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
