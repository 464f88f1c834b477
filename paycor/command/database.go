package command

import (
	"strings"

	"paycorcred/paycor"
	"paycorcred/paycor/store/postgres"
	"paycorcred/paycor/textfile"
)

// databaseOptions are the flags that name a database on a server.
type databaseOptions struct {
	Database     string `help:"cli.help.database" placeholder:"URL"`
	DatabaseFile string `help:"cli.help.database-file" placeholder:"FILE"`

	DatabasePasswordFile string `help:"cli.help.database-password-file" placeholder:"FILE"`
}

// databaseFlags are the names of the flags by which each command finds its data.
var databaseFlags = []string{
	"data", "key-file", "kek", "kek-token-file", "kek-namespace", "ca-file", "database", "database-file", "database-password-file",
}

// config returns where the database is, or everything that is wrong with the flags.
func (o databaseOptions) config() (config postgres.Config, wrong []string) {
	config.URL = o.Database
	if o.DatabaseFile != "" {
		if o.Database != "" {
			wrong = append(wrong, say("cli.database-twice"))
		}
		config.URL, wrong = readLine("--database-file", o.DatabaseFile, wrong)
	}
	if o.DatabasePasswordFile != "" {
		var password string
		password, wrong = readLine("--database-password-file", o.DatabasePasswordFile, wrong)
		config.Password = paycor.NewSecret(password)
	}
	if len(wrong) == 0 {
		if err := postgres.CheckURL(config.URL); err != nil {
			wrong = append(wrong, explain(err))
		}
	}
	return config, wrong
}

// readLine reads a file with one line, or appends what is wrong with it.
func readLine(flag, path string, wrong []string) (string, []string) {
	text, err := textfile.Read(path)
	line := strings.TrimRight(string(text), "\r\n")
	switch {
	case err != nil:
		return "", append(wrong, say("cli.secret-file", flag, path, textfile.Cause(err)))
	case line == "":
		return "", append(wrong, say("cli.secret-file-empty", flag, path))
	}
	return line, wrong
}
