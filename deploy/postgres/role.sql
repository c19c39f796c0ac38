-- Run once, by the superuser, when the volume is new: the role of the services. It owns its database, may make schemas
-- there, and nothing else.
\set password `cat /keys/password`
create role signalbox login nosuperuser nocreatedb nocreaterole password :'password';
create database signalbox owner signalbox;
