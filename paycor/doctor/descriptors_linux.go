package doctor

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// descriptors returns how many files and connections the server has open that uses a
// database, and how many it may. Both are 0 if no other process uses it, or one of
// another user.
func descriptors(database string) (used, limit uint64) {
	path, err := filepath.EvalSymlinks(database)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return 0, 0
	}
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, process := range processes {
		if process == "/proc/"+strconv.Itoa(os.Getpid()) {
			continue
		}
		if used, uses := openFiles(process, path); uses {
			return used, maxOpenFiles(process)
		}
	}
	return 0, 0
}

// OwnDescriptors returns how many files and connections this process has open, and how
// many it may.
func OwnDescriptors(string) (used, limit uint64) {
	used, _ = openFiles("/proc/self", "")
	return used, maxOpenFiles("/proc/self")
}

// openFiles returns how many files a process has open, and whether path is one of them.
func openFiles(process, path string) (open uint64, uses bool) {
	names, _ := os.ReadDir(filepath.Join(process, "fd"))
	for _, name := range names {
		target, _ := os.Readlink(filepath.Join(process, "fd", name.Name()))
		uses = uses || target == path
	}
	return uint64(len(names)), uses
}

// maxOpenFiles returns how many files a process may open; 0 if that is unknown.
func maxOpenFiles(process string) uint64 {
	file, err := os.Open(filepath.Join(process, "limits"))
	if err != nil {
		return 0
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, is := strings.CutPrefix(lines.Text(), "Max open files"); is {
			if fields := strings.Fields(rest); len(fields) > 0 {
				limit, _ := strconv.ParseUint(fields[0], 10, 64)
				return limit // 0 for "unlimited"
			}
		}
	}
	return 0
}
