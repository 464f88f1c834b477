/**
 * What is known about a credential. Calls through one that is "rejected" or in
 * "needs_activation" fail; with "not_reachable" the last known state still applies.
 */
export type State = "not_verified" | "verified" | "rejected" | "needs_activation" | "not_reachable";

/**
 * A credential that was chosen. No secret is ever in it. Of one whose calls fail, the
 * page warned, and the person chose it anyway.
 */
export interface Chosen {
  id: string;
  name: string;
  purpose: "source" | "destination";
  state: State;
}

/** What happened to a credential. */
export interface Happened {
  id: string;
  state?: State;
}

export type Theme = "light" | "dark" | "auto";

/** Why the frame does not work: code is stable, message is for a developer. */
export interface CredentialsError extends Error {
  name: "PaycorCredentialsError";
  code: string;
}

export interface Options {
  /** The id under which this site is registered. */
  hostId: string;
  /** Fetches a token that your server signs, a new one at each call. */
  getToken: () => Promise<string>;
  /** Called with what was chosen. */
  onSelect?: (chosen: Chosen) => void;
  onReady?: (detail: { version: 1; locale: string }) => void;
  onCreated?: (detail: Happened) => void;
  onUpdated?: (detail: Happened) => void;
  onDeleted?: (detail: Happened) => void;
  onVerified?: (detail: Happened) => void;
  /** Something is typed and not saved yet, or no longer. */
  onDirty?: (detail: { dirty: boolean }) => void;
  /** The person wants to leave: Escape or Cancel. Take the frame away then. */
  onClose?: () => void;
  /**
   * Without it, errors go to the console. Codes "offline" and "no_token" after
   * onReady pass by themselves: the frame tries again and keeps what is typed;
   * pick() stays open. "host_unknown", "frame_origin" and "caller_changed" end
   * the frame: mount another. "credential_unknown" says that select() named one
   * that is deleted or not for this person; the frame goes on.
   */
  onError?: (error: CredentialsError) => void;
  theme?: Theme;
  /** BCP 47 tag of the page's language: "en" or "es". Without it, the browser's; onReady says which is used. */
  locale?: string;
  purpose?: "source" | "destination";
  /** Accessible name of the frame. */
  title?: string;
  /** Bounds of the frame's height in pixels; 320, and 800 or the window's. */
  minHeight?: number;
  maxHeight?: number;
  /** Lets links to Paycor open in another tab. */
  popups?: boolean;
  /** Milliseconds until a silent frame is an error; 20000. */
  timeout?: number;
  /** The server's origin, where this module does not come from it. */
  server?: string;
}

export interface Mounted {
  frame: HTMLIFrameElement;
  /** Fulfilled when the page can be used. */
  ready: Promise<void>;
  /** Opens the overlay to add a credential, or a credential's details. */
  open(view?: "add" | "credential", id?: string): void;
  select(id: string): void;
  setTheme(theme: Theme): void;
  setLocale(locale: string): void;
  focus(): void;
  /** Takes the frame away, with all that belongs to it. */
  destroy(): void;
}

export function mount(element: Element, options: Options): Mounted;

export function pick(options: Options & { signal?: AbortSignal }): Promise<Chosen | null>;
