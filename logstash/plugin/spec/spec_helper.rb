# encoding: utf-8
# Stands in for Logstash with what is in spec/support, then loads the plugin as Logstash would.
support = File.expand_path('support', __dir__)
$LOAD_PATH.unshift(File.join(support, 'stubs'), File.expand_path('../lib', __dir__))
require File.join(support, 'logstash')
require File.join(support, 'http_client')
require File.join(support, 'service')
require 'logstash/filters/detrails'
