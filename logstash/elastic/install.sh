#!/bin/sh
# Installs the templates, the pipelines and, with KIBANA_URL, the dashboards. Running it again renews them.
#
#   ELASTICSEARCH_URL=http://127.0.0.1:9200 KIBANA_URL=http://127.0.0.1:5601 ./install.sh
#
# ELASTIC_AUTH, where needed, is an Authorization header: "ApiKey ..." or "Basic ...".
# With INTEGRATION=1, also what Elastic's AWS integration needs to carry detrails past its pipeline.
set -eu
cd "$(dirname "$0")"
: "${ELASTICSEARCH_URL:?such as http://127.0.0.1:9200}"

send() { # method, url, file, content type
  curl --fail-with-body --silent --show-error --output /dev/null -X "$1" "$2" \
    -H "content-type: ${4:-application/json}" ${ELASTIC_AUTH:+-H "authorization: $ELASTIC_AUTH"} --data-binary "@$3"
  echo "ok  $2"
}

send PUT "$ELASTICSEARCH_URL/_ilm/policy/detrails-cloudtrail" ilm-policy.json
send PUT "$ELASTICSEARCH_URL/_ingest/pipeline/detrails-cloudtrail" ingest-pipeline.json
send PUT "$ELASTICSEARCH_URL/_component_template/detrails-fields" component-fields.json
send PUT "$ELASTICSEARCH_URL/_component_template/detrails-record" component-record.json
send PUT "$ELASTICSEARCH_URL/_index_template/detrails-cloudtrail" index-template.json

if [ "${INTEGRATION:-}" = 1 ]; then
  send PUT "$ELASTICSEARCH_URL/_component_template/logs-aws.cloudtrail@custom" integration-component.json
  send PUT "$ELASTICSEARCH_URL/_ingest/pipeline/logs-aws.cloudtrail@custom" integration-pipeline.json
  # A data stream that exists already takes the new mappings with its next index.
  curl --silent --output /dev/null -X POST "$ELASTICSEARCH_URL/logs-aws.cloudtrail-default/_rollover" \
    ${ELASTIC_AUTH:+-H "authorization: $ELASTIC_AUTH"} || true
fi

if [ -n "${KIBANA_URL:-}" ]; then
  for file in dashboards.ndjson detections.ndjson; do
    curl --fail-with-body --silent --show-error -X POST "$KIBANA_URL/api/saved_objects/_import?overwrite=true" \
      -H 'kbn-xsrf: true' ${ELASTIC_AUTH:+-H "authorization: $ELASTIC_AUTH"} -F "file=@$file" |
      grep -q '"success":true' || { echo "Kibana refused $file" >&2; exit 1; }
    echo "ok  $file"
  done
fi
