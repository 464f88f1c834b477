import type { ReactElement } from "react";
import type { Chosen, Options } from "./sdk.js";

export interface CredentialsProps extends Options {
  /** The server's address. */
  server: string;
  className?: string;
}

/**
 * The page of the credential server. It is mounted again if server, hostId, purpose, view or
 * credentialId changes. Theme, locale and appearance change in the frame that is there. A handler
 * may change with each rendering.
 */
export function Credentials(props: CredentialsProps): ReactElement;

/**
 * Returns a function that lets the person choose a credential, as pick() does. When the component
 * goes, an open selection is aborted: its promise is rejected with the code "aborted", as by a signal.
 */
export function usePicker(options: Options & { server: string }): (more?: Partial<Options> & { signal?: AbortSignal }) => Promise<Chosen | null>;
