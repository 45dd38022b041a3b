// Package image holds tests of what is shipped besides the source: the container image, built with the
// Dockerfile and run on a real Docker engine, and compose.yaml.
package image
