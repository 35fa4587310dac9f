const NO_TIME = "–"; // what can't be read as a time

/** When a message was posted, from Slack's ts in seconds. */
export function posted(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

/** Whether it is a moment that a calendar has. What a message says is one need not be. */
export function isMoment(date: Date): boolean {
  return !Number.isNaN(date.getTime());
}

export function iso(date: Date): string | undefined {
  return isMoment(date) ? date.toISOString() : undefined;
}

export function clock(date: Date, locale: string): string {
  return isMoment(date) ? date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" }) : NO_TIME;
}

export function day(date: Date, locale: string): string {
  return isMoment(date) ? date.toLocaleDateString(locale, { dateStyle: "full" }) : NO_TIME;
}

export function full(date: Date, locale: string): string {
  return isMoment(date) ? date.toLocaleString(locale, { dateStyle: "full", timeStyle: "medium" }) : NO_TIME;
}

/** Slack's date token of a moment, such as "{date_short_pretty} {time}", in the reader's language and zone. */
export function slackDate(date: Date, format: string, locale: string): string {
  const written = (options: Intl.DateTimeFormatOptions) => date.toLocaleDateString(locale, options);
  const tokens = new Map<string, () => string>([
    ["date", () => written({ dateStyle: "long" })],
    ["date_num", () => date.toISOString().slice(0, 10)],
    ["date_short", () => written({ dateStyle: "medium" })],
    ["date_short_pretty", () => written({ dateStyle: "medium" })],
    ["date_long", () => written({ dateStyle: "full" })],
    ["date_long_pretty", () => written({ dateStyle: "full" })],
    ["date_pretty", () => written({ dateStyle: "long" })],
    ["time", () => clock(date, locale)],
    ["time_secs", () => date.toLocaleTimeString(locale, { timeStyle: "medium" })],
  ]);
  return format.replace(/\{(\w+)\}/g, (whole, name: string) => tokens.get(name)?.() ?? whole);
}

export function isSameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}
