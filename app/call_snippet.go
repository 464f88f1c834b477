package app

import "strings"

// callSnippet is a program that calls Paycor with a credential, to copy and run. It reads
// the API token where it runs, and never contains one.
type callSnippet struct {
	name     string // after "snippet.in." the key of its language
	commands []snippetCommand
	notes    []string // keys of what it needs
}

// snippetCommand is what is copied at once.
type snippetCommand struct {
	name string // after "snippet." the key of what it does
	text string
}

// callSnippets returns the snippets for a credential. address is the credential's in the
// API, and entity its legal entity.
func callSnippets(address, entity string) []callSnippet {
	fill := strings.NewReplacer("ADDRESS", address, "ENTITY", entity).Replace
	return []callSnippet{
		{"curl", []snippetCommand{{"curl", fill(curlSnippet)}, {"verify", fill(verifySnippet)}}, []string{"snippet.token"}},
		{"python", []snippetCommand{{"python", fill(pythonSnippet)}}, []string{"snippet.token", "snippet.needs-requests"}},
		{"go", []snippetCommand{{"go", fill(goSnippet)}}, []string{"snippet.token"}},
		{"airflow", []snippetCommand{{"airflow", fill(airflowSnippet)}}, []string{"snippet.connection"}},
	}
}

const (
	curlSnippet = `curl -i -H "Authorization: Bearer $TOKEN" \
  ADDRESS/paycor/v1/legalentities/ENTITY`

	verifySnippet = `curl -X POST -H "Authorization: Bearer $TOKEN" \
  ADDRESS/verify`

	pythonSnippet = `import os
import sys

import requests

PAYCOR = "ADDRESS/paycor"


def records(session, path):
    """Yield the records of a list, page after page."""
    while path:
        response = session.get(PAYCOR + path, timeout=120)
        if not response.ok:
            sys.exit(f"{response.status_code}: {reason(response)}")
        page = response.json()
        if isinstance(page, list):  # a list without pages
            yield from page
            return
        yield from page["records"]
        path = page["additionalResultsUrl"] if page["hasMoreResults"] else None


def reason(response):
    """Say why a call failed: the detail of a problem, or the text."""
    try:
        return response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return response.text


with requests.Session() as session:
    session.headers["Authorization"] = "Bearer " + os.environ["TOKEN"]
    for employee in records(session, "/v1/legalentities/ENTITY/employees"):
        print(employee)
`

	goSnippet = `package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
)

const paycor = "ADDRESS/paycor"

func main() {
	body, err := read("/v1/legalentities/ENTITY")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Stdout.Write(body)
}

// read returns the body of Paycor's response.
func read(path string) ([]byte, error) {
	request, err := http.NewRequest(http.MethodGet, paycor+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode < 400 {
		return body, err
	}
	var problem struct{ Detail string }
	if json.Unmarshal(body, &problem) != nil || problem.Detail == "" {
		problem.Detail = string(body)
	}
	return nil, fmt.Errorf("%s: %s", response.Status, problem.Detail)
}
`

	airflowSnippet = `from datetime import datetime, timedelta

import requests
from airflow.sdk import Connection, dag, task

PAYCOR = "ADDRESS/paycor"


@dag(schedule="@daily", start_date=datetime(2026, 1, 1), catchup=False)
def paycor_employees():
    @task(retries=3, retry_delay=timedelta(minutes=1))
    def load():
        token = Connection.get("paycor").password
        path, count = "/v1/legalentities/ENTITY/employees", 0
        with requests.Session() as session:
            session.headers["Authorization"] = "Bearer " + token
            while path:
                response = session.get(PAYCOR + path, timeout=120)
                if not response.ok:
                    raise RuntimeError(f"{response.status_code}: {response.text}")
                page = response.json()
                for employee in page["records"]:
                    count += 1  # write the employee to your warehouse here
                path = page["additionalResultsUrl"] if page["hasMoreResults"] else None
        return count  # a returned record would be stored by Airflow

    load()


paycor_employees()
`
)
