# encoding: utf-8
# With real Logstash on the load path its classes are used; elsewhere the stand-ins of spec/support are.
support = File.expand_path('support', __dir__)
begin
  require 'logstash/devutils/rspec/spec_helper'
rescue LoadError
  $LOAD_PATH.unshift(File.join(support, 'stubs'))
  require File.join(support, 'logstash')
  require File.join(support, 'http_client')
end
$LOAD_PATH.unshift(File.expand_path('../lib', __dir__))
require File.join(support, 'service')
require 'logstash/filters/detrails'
