// Command audit does the parts of "make audit" that its scanners do not: it
// runs a plain net/http server as the baseline for h2spec, and compares the
// scanners' findings with the accepted ones.
//
// It is in a dot-directory, so it is not part of the program.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 2 && arguments[0] == "serve":
		return serve(arguments[1])
	case len(arguments) == 3 && arguments[0] == "gosec":
		return compare("gosec", arguments[1], arguments[2], gosec)
	case len(arguments) == 3 && arguments[0] == "gitleaks":
		return compare("gitleaks", arguments[1], arguments[2], gitleaks)
	case len(arguments) == 3 && arguments[0] == "testssl":
		return compare("testssl", arguments[1], arguments[2], testssl)
	case len(arguments) == 3 && arguments[0] == "h2spec":
		return h2spec(arguments[1], arguments[2])
	}
	return errors.New("audit serve PORT | gosec REPORT ALLOW | gitleaks REPORT ALLOW | testssl REPORT ALLOW | h2spec OURS THEIRS")
}

// serve runs a plain net/http server with TLS and HTTP/2 until it is
// interrupted, and writes its port to a file.
func serve(port string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "User-agent: *\nDisallow: /\n")
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	_, number, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		return err
	}
	if err := os.WriteFile(port, []byte(number), 0o600); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// compare counts the findings of a report by kind and location. It fails if
// there are more than accepted, or if an accepted one no longer occurs.
func compare(tool, report, allow string, read func([]byte) (map[string]int, error)) error {
	text, err := os.ReadFile(report)
	if err != nil {
		return err
	}
	found, err := read(text)
	if err != nil {
		return fmt.Errorf("reading %s: %w", report, err)
	}
	accepted, err := readAllowed(tool, allow)
	if err != nil {
		return err
	}
	var wrong []string
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if found[key] > accepted[key] {
			wrong = append(wrong, fmt.Sprintf("new: %s %s, found %d, accepted %d", tool, key, found[key], accepted[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(accepted)) {
		if found[key] < accepted[key] {
			wrong = append(wrong, fmt.Sprintf("gone: %s %s, found %d, accepted %d: bring the accepted list up to date", tool, key, found[key], accepted[key]))
		}
	}
	if wrong != nil {
		return errors.New(strings.Join(wrong, "\n"))
	}
	return nil
}

// readAllowed reads lines of tool, kind, location, count and reason.
func readAllowed(tool, path string) (map[string]int, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	accepted := map[string]int{}
	lines := bufio.NewScanner(file)
	for number := 1; lines.Scan(); number++ {
		parts := strings.Fields(lines.Text())
		if len(parts) == 0 || strings.HasPrefix(parts[0], "#") {
			continue
		}
		if len(parts) < 5 {
			return nil, fmt.Errorf("%s:%d: tool, kind, place, count and a reason are needed", path, number)
		}
		count, err := strconv.Atoi(parts[3])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %q is no count", path, number, parts[3])
		}
		if parts[0] == tool {
			accepted[parts[1]+" "+parts[2]] = count
		}
	}
	return accepted, lines.Err()
}

func gosec(text []byte) (map[string]int, error) {
	var report struct {
		Issues []struct {
			Rule string `json:"rule_id"`
			File string `json:"file"`
		}
	}
	here, err := os.Getwd()
	if err == nil {
		err = json.Unmarshal(text, &report)
	}
	found := map[string]int{}
	for _, issue := range report.Issues {
		place, relErr := filepath.Rel(here, issue.File)
		if relErr != nil {
			place = issue.File
		}
		found[issue.Rule+" "+filepath.ToSlash(place)]++
	}
	return found, err
}

func gitleaks(text []byte) (map[string]int, error) {
	var report []struct{ RuleID, File string }
	err := json.Unmarshal(text, &report)
	found := map[string]int{}
	for _, leak := range report {
		found[leak.RuleID+" "+leak.File]++
	}
	return found, err
}

func testssl(text []byte) (map[string]int, error) {
	var report []struct{ ID, Severity string }
	err := json.Unmarshal(text, &report)
	found := map[string]int{}
	for _, finding := range report {
		switch finding.Severity {
		case "LOW", "MEDIUM", "HIGH", "CRITICAL", "FATAL":
			found[finding.ID+" "+finding.Severity]++
		}
	}
	if len(report) == 0 {
		err = errors.Join(err, errors.New("it holds nothing"))
	}
	return found, err
}

// h2spec fails for every case that fails against our server but not against
// net/http.
func h2spec(ours, theirs string) error {
	read := func(path string) (failed []string, total int, err error) {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, 0, err
		}
		var report struct {
			Suites []struct {
				Package string `xml:"package,attr"`
				Cases   []struct {
					Name    string    `xml:"classname,attr"`
					Failure *struct{} `xml:"failure"`
					Error   *struct{} `xml:"error"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal(text, &report); err != nil {
			return nil, 0, err
		}
		for _, suite := range report.Suites {
			for _, one := range suite.Cases {
				total++
				if one.Failure != nil || one.Error != nil {
					failed = append(failed, suite.Package+" "+one.Name)
				}
			}
		}
		return failed, total, nil
	}
	mine, total, err := read(ours)
	if err != nil {
		return err
	}
	go1, totalOfGo, err := read(theirs)
	if err != nil {
		return err
	}
	if total < 100 || total != totalOfGo {
		return fmt.Errorf("h2spec ran %d cases against ours and %d against Go's own server", total, totalOfGo)
	}
	var wrong []string
	for _, one := range mine {
		if !slices.Contains(go1, one) {
			wrong = append(wrong, "new: h2spec "+one)
		}
	}
	fmt.Printf("    %d cases, %d fail against ours, %d against Go's own server\n", total, len(mine), len(go1))
	if wrong != nil {
		return errors.New(strings.Join(wrong, "\n"))
	}
	return nil
}
