import type { Payload } from "../live";

export type Event = Record<string, unknown> & { id?: string };
export type Settings = Record<"TARGET_CONTROL_IDS" | "MIN_SEVERITY" | "MESSAGE_LANGUAGE" | "ENVIRONMENT_NAME", string>;

export interface Sample {
  name: string;
  event: Event;
  fresh: Event;
}

export interface Start {
  samples: Sample[];
  settings: Settings;
  /** The YAML in use; empty where there is none. */
  routes: string;
  has_engines: boolean;
  limits: { events: number; storm: number; faults: number };
}

export interface Step {
  step: string;
  passes: boolean;
  word: string;
  why: string;
}

export interface Preview {
  event: Event;
  violation: { control: string; title: string; severity: string; resource: string; account: string; state: string } | null;
  steps: Step[];
  /** Where it goes by the routes and why, as `shirase routes --test` says; null without routes, or for what is closed. */
  routing: Routing | null;
  message: Payload | null;
  reply: string | null;
  is_sample: boolean;
}

export interface Routing {
  rows: { name: string; text: string }[];
  channel: string | null;
}

/** What is wrong with the routes; `line` counts from 1. */
export interface RoutesProblem {
  line: number | null;
  text: string;
}

export interface Problem {
  text: string;
  line: number | null;
  column: number | null;
}

export interface Inspection {
  events?: Preview[];
  problem?: Problem;
  /** By the setting: what is wrong with it. */
  wrong_settings?: Partial<Settings>;
  wrong_routes?: RoutesProblem[];
}

export interface Checked {
  control: string;
  severity: string;
  title: string;
  resource: string;
  line: number | null;
  why: string;
  message: Payload | null;
}

export interface CheckedTemplate {
  violations: Checked[];
  accepted: Checked[];
  undecided: Checked[];
  left_out: number;
  problems: { line: number | null; text: string }[];
  checked: number;
  need_account: number;
  without_rule: number;
  wrong_settings?: Partial<Settings>;
}

export interface Fate {
  event_id: string | null;
  what: string;
  why: string;
  why_ja: string;
  violation: string | null;
  at: string | null;
  next_try: string | null;
  is_silent: boolean;
}

export interface State {
  queue: { waiting: number; held: number; dead: number };
  faults: number;
  fates: Fate[];
}

const BYTES_TOO_MANY = 1024 * 1024; // which the server would refuse, too
export const TOO_LARGE = 413;

/** Raised when the panel's server refuses or can't be reached; `status` 0 means the latter, TOO_LARGE what it wasn't asked. */
export class RequestError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  return call<T>(path, { signal });
}

export async function tell<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
  const sent = new Blob([JSON.stringify(body)], { type: "application/json" });
  if (sent.size >= BYTES_TOO_MANY) throw new RequestError("", TOO_LARGE);
  return call<T>(path, { method: "POST", body: sent, signal });
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`panel/${path}`, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new RequestError("", 0);
  }
  const content = await answer.json().catch((error: unknown) => {
    // It may be called off, or break off, while it is still coming in.
    if (init.signal?.aborted) throw error;
    if (answer.ok) throw new RequestError("", 0);
    return { problem: `HTTP ${answer.status}` };
  });
  if (!answer.ok) throw new RequestError(content.problem, answer.status);
  return content as T;
}
