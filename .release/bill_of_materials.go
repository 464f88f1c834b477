package main

import (
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
)

// billOfMaterials writes what the programs are made of, in the format CycloneDX: every
// module that is linked into a binary for one of the platforms, with its checksum in
// go.sum, and the Go standard library. The page is made of some of the same modules.
func (r release) billOfMaterials(binaries map[platform][]string) error {
	components := map[string]cyclonedx.Component{}
	for _, binary := range slices.Concat(slices.Collect(maps.Values(binaries))...) {
		info, err := buildinfo.ReadFile(binary)
		if err != nil {
			return err
		}
		for _, module := range info.Deps {
			if module.Path == "paycorcred" { // which the other program is made of, too
				continue
			}
			if module.Replace != nil {
				module = module.Replace
			}
			c := component(module.Path, module.Version)
			sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(module.Sum, "h1:"))
			if err != nil {
				return fmt.Errorf("reading the checksum of %s: %w", module.Path, err)
			}
			c.Hashes = &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: hex.EncodeToString(sum)}}
			components[c.BOMRef] = c
		}
		standard := component("std", info.GoVersion)
		components[standard.BOMRef] = standard
	}
	list := make([]cyclonedx.Component, 0, len(components))
	for _, c := range components {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b cyclonedx.Component) int { return strings.Compare(a.BOMRef, b.BOMRef) })
	subject := component("paycorcred", r.version)
	subject.Type = cyclonedx.ComponentTypeApplication
	references := make([]string, len(list))
	for i, c := range list {
		references[i] = c.BOMRef
	}
	document := cyclonedx.NewBOM()
	document.Metadata = &cyclonedx.Metadata{Timestamp: r.time.Format(time.RFC3339), Component: &subject}
	document.Components = &list
	document.Dependencies = &[]cyclonedx.Dependency{{Ref: subject.BOMRef, Dependencies: &references}}
	return create(r.path(".cdx.json"), func(to io.Writer) error {
		return cyclonedx.NewBOMEncoder(to, cyclonedx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(document, cyclonedx.SpecVersion1_6)
	})
}

// component returns a Go module. Scanners for vulnerabilities find it by its package URL.
func component(path, version string) cyclonedx.Component {
	url := "pkg:golang/" + path + "@" + version
	return cyclonedx.Component{BOMRef: url, Type: cyclonedx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: url}
}
