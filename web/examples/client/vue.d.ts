import type { DefineComponent } from "vue";
import type { Chosen, CredentialsError, Happened, Mounted, Options } from "./sdk.js";

type Handlers = "onReady" | "onSelect" | "onCreated" | "onUpdated" | "onDeleted" | "onVerified" | "onDirty" | "onClose" | "onError";

export interface CredentialsProps extends Omit<Options, Handlers> {
  /** The server's address. */
  server: string;
}

export type CredentialsEvents = {
  ready: (detail: { version: 1; locale: string }) => void;
  select: (chosen: Chosen) => void;
  created: (detail: Happened) => void;
  updated: (detail: Happened) => void;
  deleted: (detail: Happened) => void;
  verified: (detail: Happened) => void;
  dirty: (detail: { dirty: boolean }) => void;
  close: (detail: { reason: "escape" | "cancel" }) => void;
  error: (error: CredentialsError) => void;
};

/**
 * The page of the credential server. It is mounted again if server, hostId, purpose, view or
 * credentialId changes. Theme, locale and appearance change in the frame that is there. A ref to it has open(), select() and focus().
 */
export const Credentials: DefineComponent<CredentialsProps, Pick<Mounted, "open" | "select" | "focus">, {}, {}, {}, {}, {}, CredentialsEvents>;
