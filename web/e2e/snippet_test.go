package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor/paycortest"
)

// airflowSDK stands in for Airflow: it runs the task of a DAG at once, and logs its result.
const airflowSDK = `import os

class Connection:
    @classmethod
    def get(cls, name):
        assert name == "paycor"
        connection = cls()
        connection.password = os.environ["AIRFLOW_PASSWORD"]
        return connection

def dag(**settings):
    return lambda function: function

def task(**settings):
    return lambda function: lambda: print(function())
`

// Every snippet of a credential's page runs as it is copied, and says why a call failed.
func TestTheSnippetsRun(t *testing.T) {
	t.Parallel()
	p := start(t)
	saved := p.save(sample(t, paycortest.SunriseBakery).body(t), "?verify=false")
	list := func(path string) int {
		var page struct {
			Records []any
			Next    string `json:"additionalResultsUrl"`
		}
		p.through(p.newToken("--rights", "read"), "GET", saved.ID, path, nil).into(t, &page)
		require.NotEmpty(t, page.Next, "there are several pages")
		return len(page.Records)
	}
	first := list("/v1/legalentities/501123/employees")
	b := open(t, p).signIn()
	b.visit("/credentials/" + saved.ID)

	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "airflow"), 0o755))
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	write("airflow/__init__.py", "")
	write("airflow/sdk.py", airflowSDK)
	run := func(token, name string, arguments ...string) (string, error) {
		command := exec.Command(name, arguments...)
		command.Dir = folder
		command.Env = append(os.Environ(), "TOKEN="+token, "AIRFLOW_PASSWORD="+token, "PYTHONPATH="+folder)
		out, err := command.CombinedOutput()
		return string(out), err
	}
	good, bad := p.newToken("--rights", "read,edit"), "pcc_unknown"
	for i, language := range []string{"curl", "Python", "Go", "Airflow"} {
		b.press("radio", language)
		var shown []string
		commands := map[bool]int{true: 2, false: 1}[i == 0]
		b.until("the snippets of one language", func() bool { // the click may still be on its way
			shown = eval[[]string](b, `[...document.querySelectorAll(".snippet pre")].filter(e => e.checkVisibility() && e.closest(".snippet").classList.contains(document.querySelector("[name=snippet]:checked").id)).map(e => e.textContent)`)
			all := eval[int](b, `[...document.querySelectorAll(".snippet pre")].filter(e => e.checkVisibility()).length`)
			return len(shown) == commands && all == commands && eval[bool](b, `document.querySelector("[name=snippet]:checked").parentElement.textContent.trim() === "`+language+`"`)
		})
		var arguments [][]string
		for n, text := range shown {
			switch language {
			case "curl":
				arguments = append(arguments, []string{"sh", write("call"+strconv.Itoa(n)+".sh", text)})
			case "Go":
				arguments = append(arguments, []string{"go", "run", write("main.go", text)})
			default:
				arguments = append(arguments, []string{"python3", write(language+".py", text)})
			}
		}
		for _, command := range arguments {
			out, err := run(good, command[0], command[1:]...)
			require.NoError(t, err, "%s: %s", language, out)
			switch language {
			case "Python":
				assert.Greater(t, len(lines(out)), first, "it reads more than one page")
			case "Airflow":
				count, err := strconv.Atoi(lines(out)[0])
				require.NoError(t, err, out)
				assert.Greater(t, count, first, "it reads more than one page")
			default:
				assert.Regexp(t, `"(legalEntityId|id)":\s*501123|"outcome":\s*"verified"`, out)
			}
			out, err = run(bad, command[0], command[1:]...)
			assert.Equal(t, language == "curl", err == nil, "the program fails: %s", out)
			assert.Contains(t, out, say("error.token-unknown"), language)
		}
	}
	b.press("button", say("verify.again"))
	b.seesText(say("verified.verified", saved.Name))
	assert.True(t, eval[bool](b, `document.getElementById("snippet-airflow").checked`), "the choice stays")
}

// lines returns the lines of a text.
func lines(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }
