import { useEffect, useRef } from "react";

// The module comes from the credentials server, so it is loaded when the page
// runs and not bundled. It is loaded once.
let module;
const load = (server) => (module ??= import(`${server}/embed/sdk.js`));

async function getToken() {
  const response = await fetch("/token", { method: "POST" });
  if (!response.ok) throw new Error("The backend returned no token.");
  return response.text();
}

/** The credentials page as a component. It goes away without a trace, also
    while it is still loading, as React's strict mode makes it do once. */
export function Credentials({ server, hostId, theme, purpose, onSelect, onClose, onError }) {
  const place = useRef(null);
  const mounted = useRef(null);
  const handlers = useRef({});
  handlers.current = { onSelect, onClose, onError };

  useEffect(() => {
    let gone = false;
    load(server).then(({ mount }) => {
      if (gone) return;
      mounted.current = mount(place.current, {
        hostId, getToken, theme, purpose,
        onSelect: (chosen) => handlers.current.onSelect?.(chosen),
        onClose: () => handlers.current.onClose?.(),
        onError: (error) => handlers.current.onError?.(error),
      });
    }, (error) => handlers.current.onError?.(error));
    return () => {
      gone = true;
      mounted.current?.destroy();
      mounted.current = null;
    };
  }, [server, hostId, purpose]);

  useEffect(() => mounted.current?.setTheme(theme), [theme]);

  return <div ref={place} />;
}
