import type { Chosen, CredentialsError } from "@paycorcred/embed";
import { Credentials, usePicker } from "@paycorcred/embed/react";
import { useState } from "react";

const site = { server: import.meta.env.VITE_CREDENTIALS ?? "http://localhost:8080", hostId: "vite-example", getToken };

async function getToken() {
  const response = await fetch("/token", { method: "POST" });
  if (!response.ok) throw new Error("The backend returned no token.");
  return response.text();
}

export function Console() {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [error, setError] = useState<CredentialsError | null>(null);
  const [attempt, setAttempt] = useState(1);
  const pick = usePicker(site);
  const tryAgain = () => { setError(null); setAttempt(attempt + 1); };
  return (
    <main>
      <h1>A console with Vite</h1>
      {error && <p role="alert">{error.message} <button onClick={tryAgain}>Try again</button></p>}
      {chosen
        ? <p>Chosen: {chosen.name} ({chosen.id}) <button onClick={() => pick().then((other) => setChosen(other ?? chosen), setError)}>Choose another</button></p>
        : <Credentials key={attempt} {...site} onSelect={setChosen} onError={setError} />}
    </main>
  );
}
