"use client";

import { createElement, useCallback, useEffect, useRef } from "react";
import { mount, pick } from "./sdk.js";

const events = ["onReady", "onSelect", "onCreated", "onUpdated", "onDeleted", "onVerified", "onDirty", "onClose", "onError"];

/**
 * The page of the credential server. It is mounted again if server, hostId, purpose, view or
 * credentialId changes. Theme, locale and appearance change in the frame that is there. A handler
 * may change with each rendering.
 */
export function Credentials(props) {
  const { server, hostId, theme, locale, purpose, view, credentialId, className } = props;
  const look = JSON.stringify(props.appearance);
  const place = useRef(null), mounted = useRef(null), latest = useRef(props);
  useEffect(() => { latest.current = props; });

  useEffect(() => {
    const options = { ...latest.current, getToken: () => latest.current.getToken() };
    for (const name of events) {
      // Without a handler of its own, an error is written to the console.
      if (name !== "onError" || latest.current.onError) options[name] = (detail) => latest.current[name]?.(detail);
    }
    mounted.current = mount(place.current, options);
    return () => {
      mounted.current.destroy();
      mounted.current = null;
    };
  }, [server, hostId, purpose, view, credentialId]);
  useEffect(() => mounted.current?.update({ theme, locale, appearance: latest.current.appearance }), [theme, locale, look]);

  return createElement("div", { ref: place, className });
}

/**
 * Returns a function that lets the person choose a credential, as pick() does. When the component
 * goes, an open selection is aborted.
 */
export function usePicker(options) {
  const latest = useRef(options), open = useRef(new Set());
  useEffect(() => { latest.current = options; });
  useEffect(() => () => { for (const controller of open.current) controller.abort(); }, []);
  return useCallback(async (more) => {
    const all = { ...latest.current, ...more }, controller = new AbortController();
    const signal = all.signal ? AbortSignal.any([all.signal, controller.signal]) : controller.signal;
    open.current.add(controller);
    try {
      return await pick({ ...all, signal });
    } finally {
      open.current.delete(controller); // an abort after the end would move the focus
    }
  }, []);
}
