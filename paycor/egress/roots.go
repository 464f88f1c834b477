package egress

import (
	"crypto/x509"
	"os"

	"paycorcred/paycor/message"
	"paycorcred/paycor/textfile"
)

// readRoots returns the certificates of the system with those in files, or nil without
// files. replaced is the file that replaces those of the system, or "".
func readRoots(files []string, replaced string) (roots *x509.CertPool, mistakes []message.Message) {
	if replaced != "" {
		if _, err := os.ReadFile(replaced); err != nil { // Go would trust nobody, and say nothing
			mistakes = append(mistakes, message.New("cli.ca-unreadable", "SSL_CERT_FILE", replaced, err))
		}
	}
	if len(files) == 0 {
		return nil, mistakes
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	for _, file := range files {
		text, err := textfile.Read(file)
		if err != nil {
			mistakes = append(mistakes, message.New("cli.ca-unreadable", "--ca-file", file, err))
			continue
		}
		if !appendCertificates(roots, text) {
			mistakes = append(mistakes, message.New("cli.ca-empty", file))
		}
	}
	return roots, mistakes
}

// appendCertificates adds the certificates in a file, PEM or DER.
func appendCertificates(roots *x509.CertPool, text []byte) bool {
	if roots.AppendCertsFromPEM(text) {
		return true
	}
	binary, err := x509.ParseCertificates(text)
	for _, certificate := range binary {
		roots.AddCert(certificate)
	}
	return err == nil && len(binary) > 0
}
