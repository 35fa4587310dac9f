/** When a message was posted, from Slack's ts in seconds. */
export function posted(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

export function clock(date: Date, locale: string): string {
  return date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
}

export function full(date: Date, locale: string): string {
  return date.toLocaleString(locale, { dateStyle: "full", timeStyle: "medium" });
}

/** Slack's date token, such as "{date_short_pretty} {time}", in the reader's language and zone. */
export function slackDate(date: Date, format: string, locale: string): string {
  const day = (options: Intl.DateTimeFormatOptions) => date.toLocaleDateString(locale, options);
  const tokens: Record<string, () => string> = {
    date: () => day({ dateStyle: "long" }),
    date_num: () => date.toISOString().slice(0, 10),
    date_short: () => day({ dateStyle: "medium" }),
    date_short_pretty: () => day({ dateStyle: "medium" }),
    date_long: () => day({ dateStyle: "full" }),
    date_long_pretty: () => day({ dateStyle: "full" }),
    date_pretty: () => day({ dateStyle: "long" }),
    time: () => clock(date, locale),
    time_secs: () => date.toLocaleTimeString(locale, { timeStyle: "medium" }),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name: string) => tokens[name]?.() ?? whole);
}

export function isSameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}
