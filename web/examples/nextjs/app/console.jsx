"use client";

import { Credentials, usePicker } from "@paycorcred/embed/react";
import { useState } from "react";

async function getToken() {
  const response = await fetch("/token", { method: "POST" });
  if (!response.ok) throw new Error("The backend returned no token.");
  return response.text();
}

export function Console({ server }) {
  const [chosen, setChosen] = useState(null);
  const [error, setError] = useState(null);
  const [attempt, setAttempt] = useState(1);
  const site = { server, hostId: "nextjs-example", getToken };
  const pick = usePicker(site);
  const tryAgain = () => { setError(null); setAttempt(attempt + 1); };
  return (
    <main>
      <h1>A console with Next.js</h1>
      {error && <p role="alert">{error.message} <button onClick={tryAgain}>Try again</button></p>}
      {chosen
        ? <p>Chosen: {chosen.name} ({chosen.id}) <button onClick={() => pick().then((other) => setChosen(other ?? chosen), setError)}>Choose another</button></p>
        : <Credentials key={attempt} {...site} onSelect={setChosen} onError={setError} />}
    </main>
  );
}
