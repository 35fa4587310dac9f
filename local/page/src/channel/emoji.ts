import { get } from "node-emoji";

/** The character of an emoji by Slack's name for it; the name itself if there is none. */
export function emoji(name: string): string {
  return get(name) ?? `:${name}:`;
}
