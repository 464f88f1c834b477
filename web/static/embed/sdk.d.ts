/**
 * What is known about a credential. Calls through one that is "rejected" or in
 * "needs_activation" fail; with "not_reachable" the last known state still applies.
 */
export type State = "not_verified" | "verified" | "rejected" | "needs_activation" | "not_reachable";

/**
 * The chosen credential, without its secrets. If calls through it fail, the page
 * warned the person, who chose to use it anyway.
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

/** What the frame shows: the list, a form, or a credential with one of its forms. */
export type View = "list" | "add" | "credential" | "edit" | "rotate" | "activate";

/** What you know about a new credential. The person sees it in the form and can change it. */
export interface Prefill {
  name?: string;
  description?: string;
  legalEntityId?: number;
  tags?: string[];
}

export type Theme = "light" | "dark" | "auto";

/** Colors of one theme, as "#rrggbb". Those you leave out are the page's own. */
export interface Palette {
  /** Buttons and links. */
  accent?: string;
  background?: string;
  /** Cards and forms. */
  surface?: string;
  text?: string;
}

/**
 * How the page looks. If a text or a border had too little contrast, or something is malformed,
 * the page has its own look and onError gets "appearance".
 */
export interface Appearance {
  light?: Palette;
  dark?: Palette;
  /** Of corners in pixels, from 0 to 24. */
  radius?: number;
  /** Names of fonts that people have on their devices, with commas between them. */
  font?: string;
  density?: "comfortable" | "compact";
}

/** Why the frame does not work: code is stable, message is for a developer. */
export interface CredentialsError extends Error {
  name: "PaycorCredentialsError";
  code: string;
}

export interface Options {
  /** The ID under which this site is registered. */
  hostId: string;
  /** Returns a token that your server signs, a new one for each call. */
  getToken: () => Promise<string>;
  /** Called when the person chose a credential. */
  onSelect?: (chosen: Chosen) => void;
  /** A person can use the frame: its list before its program has loaded, another view after that. */
  onReady?: (detail: { version: 1; locale: string }) => void;
  onCreated?: (detail: Happened) => void;
  onUpdated?: (detail: Happened) => void;
  onDeleted?: (detail: Happened) => void;
  onVerified?: (detail: Happened) => void;
  /** Whether there are unsaved changes. */
  onDirty?: (detail: { dirty: boolean }) => void;
  /** The person pressed Escape or Cancel. Remove the frame then. */
  onClose?: (detail: { reason: "escape" | "cancel" }) => void;
  /**
   * Without it, errors are written to the console. After onReady, "offline" and
   * "no_token" are temporary: the frame tries again and keeps what was typed, and
   * pick() stays open. "host_unknown", "frame_origin" and "caller_changed" end the
   * frame: mount a new one. "credential_unknown" means that select() named a deleted
   * credential or one this person can't see; the frame keeps working. "busy" and
   * "not_allowed" mean that open() did nothing, because a form is open or because of rights.
   * "program" means that the page's program did not load or has stopped; the frame offers to reload.
   * "appearance" means that the page has its own look instead of yours, also after update().
   */
  onError?: (error: CredentialsError) => void;
  theme?: Theme;
  appearance?: Appearance;
  /** BCP 47 tag of the page's language: "en" or "es". Without it, the browser's; onReady says which is used. */
  locale?: string;
  purpose?: "source" | "destination";
  /** What to show first. Default: the list. All but "list" and "add" need credentialId. */
  view?: View;
  /** The credential of the view, or the one to select in the list. */
  credentialId?: string;
  /** Initial values of the view "add". */
  prefill?: Prefill;
  /** Accessible name of the frame. */
  title?: string;
  /** Bounds of the frame's height in pixels. Default: 320, and 800 or the height of the window, also after it changed. */
  minHeight?: number;
  maxHeight?: number;
  /** Lets links to Paycor open in a new tab. */
  popups?: boolean;
  /** Milliseconds after which a frame that does not respond is an error. Default: 20000. */
  timeout?: number;
  /** The server's address, if this module is loaded from another one. */
  server?: string;
}

export interface Mounted {
  frame: HTMLIFrameElement;
  /** Fulfilled when the page can be used. */
  ready: Promise<void>;
  /** Opens a view, "add" by default. Calls before the frame is ready are carried out once it is. */
  open(view?: View, id?: string, prefill?: Prefill): void;
  select(id: string): void;
  /**
   * Changes how the page looks, or its language, without loading the frame again. What you leave
   * out stays; an appearance or a theme that is undefined is the page's own. It is checked as
   * that of mount().
   */
  update(changes: Pick<Options, "theme" | "locale" | "appearance">): void;
  /** The same as update({ theme }). */
  setTheme(theme: Theme): void;
  /** The same as update({ locale }). */
  setLocale(locale: string): void;
  focus(): void;
  /** Removes the frame and its listeners. */
  destroy(): void;
}

export function mount(element: Element, options: Options): Mounted;

export function pick(options: Options & { signal?: AbortSignal }): Promise<Chosen | null>;
