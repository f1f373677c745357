// Reads texts from standard input, each after a line with its length in bytes, and answers each with one line
// of JSON: what sigs.k8s.io/yaml, the reader of the cluster's tools, makes of it.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"strings"

	yamlv2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

type answer struct {
	Value json.RawMessage `json:"value,omitempty"`
	Error string          `json:"error,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer out.Flush()
	for {
		header, err := in.ReadString('\n')
		if err != nil {
			return
		}
		length, err := strconv.Atoi(strings.TrimSpace(header))
		if err != nil {
			os.Exit(2)
		}
		text := make([]byte, length)
		if _, err := io.ReadFull(in, text); err != nil {
			os.Exit(2)
		}
		line, err := json.Marshal(read(text))
		if err != nil {
			line = []byte(`{"error":"unencodable"}`)
		}
		out.Write(line)
		out.WriteByte('\n')
	}
}

func read(text []byte) (result answer) {
	defer func() {
		if recover() != nil {
			result = answer{Error: "panic"}
		}
	}()
	value, err := yaml.YAMLToJSON(text)
	if err != nil {
		return answer{Error: err.Error()}
	}
	// The reader stops after its first document and never sees what else the text holds.
	decoder := yamlv2.NewDecoder(bytes.NewReader(text))
	for {
		var ignored interface{}
		if err := decoder.Decode(&ignored); err == io.EOF {
			return answer{Value: value}
		} else if err != nil {
			return answer{Error: err.Error()}
		}
	}
}
