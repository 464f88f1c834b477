//go:build !unix

package testkit

import (
	"os/user"
	"syscall"
)

// unprivileged returns nothing: only Unix has root.
func unprivileged(string, *user.User) (*syscall.SysProcAttr, error) { return nil, nil }
