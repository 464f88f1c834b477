import type { Appearance, Options, Prefill, View } from "./sdk.js";

/**
 * The element <paycor-credentials server host-id>. Set its property getToken before it is
 * connected, or the page is shown once it is set. Its events ready, select, created, updated,
 * deleted, verified, dirty, close and error bubble; detail has what the callbacks of mount() get.
 */
export class PaycorCredentials extends HTMLElement {
  getToken: Options["getToken"] | undefined;
  appearance: Appearance | undefined;
  open(view?: View, id?: string, prefill?: Prefill): void;
  select(id: string): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "paycor-credentials": PaycorCredentials;
  }
}
