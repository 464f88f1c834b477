package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// screenshots is the directory for "make screenshot"; empty takes none.
var screenshots = flag.String("screenshots", "", "write the pictures for the README into this directory")

// Shared by all tests: two builds of the program and one browser process.
// TestMain creates and removes them.
var (
	raced string          // the program with the race detector
	plain string          // the program as released, for measurements
	chrom context.Context // the browser; each tab has a context below it
)

func TestMain(m *testing.M) {
	if address, token, besieging := strings.Cut(os.Getenv(besiegeVariable), " "); besieging {
		sendSearches(address, token)
	}
	flag.Parse()
	// Tests mostly wait for the browser and the server, so more of them run in
	// parallel than there are processors.
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		_ = flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if _, err := os.Stat("../static/packed/credentials.wasm.br"); err != nil {
		fmt.Fprintln(os.Stderr, "the page is not built (web/static/packed/credentials.wasm.br is missing); run: make page")
		return 1
	}
	if _, err := os.Stat("node_modules/axe-core/axe.min.js"); err != nil {
		fmt.Fprintln(os.Stderr, "axe-core is not installed (web/e2e/node_modules is missing); run: make tools")
		return 1
	}
	made, err := os.MkdirTemp("", "e2e-build-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "making a directory for the program:", err)
		return 1
	}
	defer os.RemoveAll(made)
	raced, plain = filepath.Join(made, "raced"), filepath.Join(made, "plain")
	if err := build(raced, "CGO_ENABLED=1", "-race", "-gcflags=modernc.org/sqlite/lib=-race=false", "-gcflags=modernc.org/libc/...=-race=false"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if flag.Lookup("test.bench").Value.String() != "" {
		if err := build(plain, "CGO_ENABLED=0", "-trimpath", "-ldflags=-s"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}

	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), browserFlags()...)
	defer stopAllocator()
	var stopBrowser context.CancelFunc
	chrom, stopBrowser = chromedp.NewContext(allocator)
	defer stopBrowser()
	if err := chromedp.Do(chrom); err != nil {
		fmt.Fprintln(os.Stderr, "starting chromium:", err)
		return 1
	}
	return m.Run()
}

func build(into, cgo string, flags ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	arguments := append([]string{"build"}, flags...)
	command := exec.CommandContext(ctx, "go", append(arguments, "-o", into, "paycorcred")...)
	command.Env = append(os.Environ(), cgo)
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("building the program: %w\n%s", err, said)
	}
	return nil
}

// browserFlags start Chromium with its default policies, storage and
// compositing, and without its background network requests.
func browserFlags() []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{
		chromedp.Headless, chromedp.NoSandbox, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.ExecPath(chromium()),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("js-flags", "--expose-gc"),
	}
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return "chromium"
}
